import { Problem } from '../../problem';
import { Deadline } from '../deadline';
import { takeLock, type Lock } from '../lock';
import { readMembers } from '../members';
import { nodeAddress, serverUrl } from '../node-target';
import type { Awaited } from '../ports/cluster-api';
import { WrongCluster, type ClusterSession, type Server } from '../session';
import type { Report, Step } from '../steps';
import { waitUntil } from '../wait';
import type { Plan } from './assess';
import type { Host } from './survey';

/** What the steps of a recovery share. */
export interface RecoverContext {
  readonly session: ClusterSession;
  readonly plan: Plan;
  /** How long one wait may take, in seconds. */
  readonly waitSeconds: number;
  /** The recovered cluster, once it answers. */
  server?: Server;
  lock?: Lock;
}

const AGAIN = 'mend that, then run the same command again: it goes on where this run stopped';

/** Up to the reset nothing is done that cannot be taken back. From then on the survivor is the cluster, and every run goes on. */
export const recoverSteps: readonly Step<RecoverContext>[] = [
  {
    title: 'noting on the survivor that the cluster is recovered from it',
    when: isToBeReset,
    async run({ plan: { survivor, id, revision } }) {
      await survivor.machine.noteRecovery(id, revision);
      const { recovery } = await survivor.machine.datastore();
      if (recovery?.id === id) return;
      throw new Problem({
        subject: `recovery from '${survivor.node.name}'`, value: recovery?.id,
        rule: 'somebody else has begun it a moment ago', remedy: 'let that run end, then look again with the same command',
      });
    },
  },
  {
    title: 'stopping Kubernetes on the management hosts',
    async run({ plan }, report) {
      await Promise.all(untouched(plan).map(async ({ node, machine }) => {
        await machine.blockRestart();
        await machine.stopRuntime();
        report(`it is stopped on ${node.name}`);
      }));
    },
  },
  {
    title: "keeping a copy of etcd's data on each",
    async run({ plan }, report) {
      for (const { node, machine } of untouched(plan)) {
        const path = await machine.copyDatastore(plan.id);
        if (path !== undefined) report(`${node.name}: ${path}`);
      }
    },
  },
  {
    title: "making a cluster of the survivor's data",
    when: isToBeReset,
    async run({ session, plan }) {
      await refuseThoseWhoAreBack(session, plan);
      await plan.survivor.machine.resetCluster();
    },
  },
  {
    title: 'starting the survivor',
    async run({ plan }) {
      await plan.survivor.machine.allowRestart();
    },
  },
  {
    title: 'waiting for the cluster to answer',
    async run(context, report) {
      const { plan: { survivor } } = context;
      await wait(context, report, survivor, 'etcd and the API server do not answer yet', async () => survivor.machine.memberHealthy());
      context.server = await connect(context, report);
      await wait(context, report, survivor, 'its node is not ready', () => isReady(context, survivor));
      await verifyRevision(context.plan);
    },
  },
  {
    title: 'taking the lock of the cluster',
    async run(context) {
      context.lock = await takeLock(context.server!.api, context.plan.cluster);
    },
  },
  {
    title: 'bringing the other hosts back, one by one',
    when: ({ plan }) => plan.returning.length > 0,
    async run(context, report) {
      for (const host of context.plan.returning) await bringBack(context, host, report);
    },
  },
  {
    title: 'verifying the members',
    async run(context, report) {
      const { session, server, plan } = context;
      const expected = [plan.survivor, ...plan.returning].map(({ node }) => node.name).sort().join(', ');
      await wait(context, report, plan.survivor, `the voters are not yet ${expected}, all healthy`, async () => {
        const members = await readMembers(session, server!);
        return members.every(({ voter, healthy }) => voter && healthy) && members.map(({ name }) => name).sort().join(', ') === expected;
      });
    },
  },
  {
    // The survivor's config joins nobody since the reset: wiped and started again with that it would make a second cluster.
    title: 'pointing management nodes at each other',
    async run({ session, plan: { survivor, returning } }) {
      const members = [survivor, ...returning];
      if (members.length === 1) return;
      for (const [index, { machine }] of members.entries()) {
        await machine.joinBy(serverUrl(nodeAddress(members[(index + 1) % members.length]!.node), session.cluster.registrationPort));
      }
    },
  },
  {
    title: 'ending the recovery',
    async run({ plan }) {
      await plan.survivor.machine.endRecovery();
    },
  },
];

function isToBeReset({ plan }: RecoverContext): boolean {
  return !plan.reset;
}

/** Hosts whose data is still that of before the loss: what joined again since then is never stopped, copied or deleted. */
function untouched({ survivor, returning, reset, id }: Plan): Host[] {
  return [...(reset ? [] : [survivor]), ...returning.filter(({ datastore }) => !datastore.forgotten.includes(id))];
}

/** Asked once more right before what cannot be taken back. */
async function refuseThoseWhoAreBack(session: ClusterSession, { gone }: Plan): Promise<void> {
  const back = await Promise.all(gone.filter(({ away }) => away).map(async ({ node }) => (await session.machine(node).facts().then(() => true, () => false)) ? [node.name] : []));
  if (back.flat().length === 0) return;
  throw new Problem({
    subject: `management node ${back.flat().map(name => `'${name}'`).join(', ')}`,
    rule: 'it was said to be lost and answers by now, so nothing is reset', remedy: 'run the same command again, which looks at it first',
  });
}

/** The API server of the survivor. @throws at once where it is another cluster's */
async function connect(context: RecoverContext, report: Report): Promise<Server> {
  const { session, plan: { survivor } } = context;
  let found: Server | WrongCluster | undefined;
  await wait(context, report, survivor, 'its API server does not answer yet', async () => {
    found = await session.serverAt(survivor.node, 'join').catch((error: unknown) => {
      if (error instanceof WrongCluster) return error;
      throw error;
    });
    return true;
  });
  if (found instanceof WrongCluster) throw found;
  return found!;
}

async function verifyRevision({ survivor: { node, machine }, revision }: Plan): Promise<void> {
  const { revision: found } = await machine.datastore();
  if (found !== undefined && found >= revision) return;
  throw new Problem({
    subject: `management node '${node.name}'`, value: `revision ${found ?? 'unknown'}`,
    rule: `before the reset its data went up to revision ${revision}, so something of it is missing`,
    remedy: "leave the other hosts as they are and compare with the copies in /var/lib/llmos-nodes on each",
  });
}

/** Its own data is out of the way before it starts, so that it can only join. */
async function bringBack(context: RecoverContext, host: Host, report: Report): Promise<void> {
  const { session, server, lock, plan: { survivor, id, returning } } = context;
  const { node, machine } = host;
  lock!.assertHeld();
  report(`${node.name} joins ${survivor.node.name} (${returning.indexOf(host) + 1} of ${returning.length})`);
  await machine.forgetDatastore(id);
  await machine.joinBy(serverUrl(nodeAddress(survivor.node), session.cluster.registrationPort));
  await machine.allowRestart();
  await wait(context, report, host, 'it has no vote yet', async () => (await server!.machine.members()).some(member => member.node === node.name && !member.learner));
  await wait(context, report, host, 'its etcd member does not answer yet', async () => machine.memberHealthy());
  await wait(context, report, host, 'its node is not ready', () => isReady(context, host));
}

async function isReady({ server }: RecoverContext, { node }: Host): Promise<boolean> {
  const view = await server!.api.node(node.name);
  return view !== undefined && view.ready && view.etcdIsVoter;
}

async function wait({ waitSeconds }: RecoverContext, report: Report, { node }: Host, reason: string, ask: () => Promise<boolean>): Promise<void> {
  const look = async (): Promise<Awaited> => ((await ask()) ? { done: true } : { done: false, reason: `${node.name}: ${reason}` });
  await waitUntil(`management node '${node.name}'`, look, new Deadline(waitSeconds, { remedy: AGAIN }), report);
}
