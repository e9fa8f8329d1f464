import { Problem } from '../../problem';
import { runSteps } from '../steps';
import type { UpgradeContext, UpgradeRequest } from './upgrade-context';
import { upgradeSteps } from './upgrade-steps';

/**
 * Brings one node to a release of Kubernetes: behind the guard where it is a management node, drained, and back in service. Safe to
 * call again after any interruption; a node that runs the release is not touched.
 * @throws Problem naming what refused or did not end. Until the release is started the node is given back as it was; from then on it
 * stays cordoned, and the next call goes on with it.
 */
export async function upgrade(request: UpgradeRequest): Promise<void> {
  const { session, node, release, progress } = request;
  const context: UpgradeContext = { ...request, machine: session.machine(node), isDue: false, isAlone: false, isCordoned: false, isStarted: false };
  try {
    await runSteps({ node: node.name, action: 'upgrading' }, upgradeSteps, context, progress);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (context.isStarted) {
      throw new Problem({
        subject: `upgrade of '${node.name}' to ${release.version}`,
        rule: `it did not come back${context.isCordoned ? ' and stays cordoned' : ''}: ${reason}`,
        remedy: `look at the journal of its Kubernetes service on ${context.machine.label}; the next \`pulumi up\` goes on with this node before any other`,
      });
    }
    throw await givenBack(context, error);
  } finally {
    await context.lock?.release();
  }
}

/** @returns the error to throw */
async function givenBack({ server, node, isCordoned, isDue }: UpgradeContext, error: unknown): Promise<unknown> {
  if (!isCordoned || !isDue) return error;
  try {
    await server!.api.uncordon(node.name);
    return error;
  } catch (cause) {
    return new Problem({
      subject: `upgrade of '${node.name}'`,
      rule: `${error instanceof Error ? error.message : String(error)}\nit was not touched, but stays cordoned (${cause instanceof Error ? cause.message : String(cause)})`,
      remedy: 'run `pulumi up` again: it goes on, or takes that back',
    });
  }
}
