import { manyProblems } from '../many-problems';
import { Deadline } from '../deadline';
import type { Progress } from '../progress';
import type { ClusterSession } from '../session';
import { runSteps } from '../steps';
import { assess, type Plan } from './assess';
import { recoverSteps, type RecoverContext } from './recover-steps';
import { survey, type Survey } from './survey';

export interface RecoverRequest {
  /** Knows the management nodes of the stack and the identity it recorded. */
  readonly session: ClusterSession;
  /** Of the machines that joined, by node, as far as they are recorded. */
  readonly machineIds: Readonly<Record<string, string>>;
  /** Management nodes whose data a person says is gone for good. */
  readonly lost: readonly string[];
  /** Shown the plan before anything is changed. @throws where it is not meant */
  readonly confirm: (plan: Plan) => Promise<void>;
  readonly progress: Progress;
  /** How long a member that is just starting is waited for before it counts as down. @default 60 */
  readonly lookSeconds?: number;
  /** How long a start, or a join, may take. @default 900 */
  readonly waitSeconds?: number;
}

/**
 * Makes a cluster that has lost its quorum whole again from the newest data that is left. Killed anywhere it is called again: up to
 * the reset it begins where it was, and from then on it goes on. What it did is found on the hosts, since there is no API server
 * to keep it.
 *
 * @throws Problem with everything that speaks against it, before anything is changed
 */
export async function recover(request: RecoverRequest): Promise<Plan> {
  const { session, machineIds, lost, confirm, progress, lookSeconds = 60, waitSeconds = 900 } = request;
  const cluster = session.cluster.name;
  const seen = await survey(session, machineIds, new Deadline(lookSeconds));
  const assessment = assess({ cluster, survey: seen, lost, id: new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '') });
  if ('problems' in assessment) {
    if (assessment.takesBack) await takeBack(seen);
    throw manyProblems(`recovering cluster '${cluster}'`, assessment.problems, 'see to all of them, then run the same command again; nothing was changed for good');
  }
  const { plan } = assessment;
  await confirm(plan);
  const context: RecoverContext = { session, plan, waitSeconds };
  try {
    await runSteps({ node: cluster, action: 'recovering' }, recoverSteps, context, progress);
  } finally {
    await context.lock?.release();
  }
  return plan;
}

/** Lets everything start again that a recovery stopped which is not wanted any more. Its copies stay. */
async function takeBack({ hosts }: Survey): Promise<void> {
  await Promise.all(hosts.map(({ machine }) => machine.allowRestart()));
  await Promise.all(hosts.filter(({ datastore }) => datastore.recovery !== undefined).map(({ machine }) => machine.endRecovery()));
}
