import { Problem } from '../../problem';
import type { Report } from '../steps';
import type { RemoveContext } from './remove-context';

/** A Node is shown as Ready for 40 to 50 s after its kubelet fell silent. */
const NOTICED_SECONDS = 120;

/**
 * A machine that we cannot reach may run all the same. Its member would be taken out, start again and join with the token it has, so
 * it has to be gone for the cluster as well.
 * @throws Problem where its Node stays Ready
 */
export async function waitUntilNoticed({ server, node, machine, deadline }: RemoveContext, report: Report): Promise<void> {
  const { api } = server!;
  try {
    await api.waitForNode(node.name, view => {
      if (!view?.ready) return { done: true };
      const reason = 'its Node is still Ready';
      report(reason);
      return { done: false, reason };
    }, deadline.atMost(NOTICED_SECONDS));
  } catch (error) {
    if ((await api.node(node.name))?.ready !== true) throw error;
    throw new Problem({
      subject: `node '${node.name}'`,
      value: machine.label,
      rule: 'it does not answer over SSH, and its Node is Ready all the same: the machine runs, and would join again',
      remedy: 'switch it off, or mend its SSH so that it can be cleaned; then run `pulumi up` again',
    });
  }
}
