import type { Deadline } from '../deadline';
import type { NodeTarget } from '../node-target';
import type { Datastore, Machine } from '../ports/machine';
import type { ClusterSession } from '../session';
import { waitUntil } from '../wait';

/** A management host of the stack that is the node it is declared to be. */
export interface Host {
  readonly node: NodeTarget;
  readonly machine: Machine;
  readonly datastore: Datastore;
  /** Its member answered a linearizable read: there is a quorum behind it. */
  readonly healthy: boolean;
}

/** A management node of the stack whose machine cannot take part. */
export interface Missing {
  readonly node: NodeTarget;
  readonly label: string;
  /** It did not answer; otherwise what answers at its address is not that node. */
  readonly away: boolean;
  readonly reason: string;
}

/** What there is of a cluster that has lost its quorum. */
export interface Survey {
  readonly hosts: readonly Host[];
  readonly missing: readonly Missing[];
}

/**
 * Looks at every management host of the stack, at all of them at once, and changes nothing.
 * @param machineIds of the machines that joined, by node: another machine at that address is not the node
 * @param deadline for a member that is just starting: without a quorum k3s starts it again and again
 */
export async function survey(session: ClusterSession, machineIds: Readonly<Record<string, string>>, deadline: Deadline): Promise<Survey> {
  const seen = await Promise.all(session.management.map(node => look(session, node, machineIds[node.name], deadline)));
  return { hosts: seen.filter(each => 'datastore' in each), missing: seen.filter(each => 'reason' in each) };
}

async function look(session: ClusterSession, node: NodeTarget, machineId: string | undefined, deadline: Deadline): Promise<Host | Missing> {
  const machine = session.machine(node);
  const missing = (reason: string, away = false): Missing => ({ node, label: machine.label, away, reason });
  const facts = await machine.facts().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (facts instanceof Error) return missing(facts.message, true);
  const name = facts.nodeName ?? facts.hostname;
  if (facts.bootstrap !== 'done' || facts.role !== 'management') return missing('there is no management node of LLMOS on it');
  if (name !== node.name) return missing(`it is node '${name}'`);
  if (machineId !== undefined && machineId !== facts.machineId) return missing(`it is another machine (machine-id ${facts.machineId}) than the one that joined (${machineId})`);
  const datastore = await patientLook(machine, deadline);
  return { node, machine, datastore, healthy: datastore.running && await machine.memberHealthy() };
}

/** Data that something runs on says how far it goes as soon as its member is up. */
async function patientLook(machine: Machine, deadline: Deadline): Promise<Datastore> {
  let seen = await machine.datastore();
  const isStarting = () => seen.present && seen.running && seen.revision === undefined;
  if (!isStarting()) return seen;
  await waitUntil(machine.label, async () => {
    seen = await machine.datastore();
    return isStarting() ? { done: false, reason: 'its etcd member does not say how far its data goes' } : { done: true };
  }, deadline, () => undefined).catch(() => undefined);
  return seen;
}
