import { Problem } from '../../problem';
import { guardRemoval } from '../guard';
import { handOverLeadership } from '../leadership';
import { takeLock } from '../lock';
import { memberNames } from '../members';
import { pointAtLivingPeers } from '../peers';
import { rotateJoinToken, tokenIsToChange } from '../rotate-token';
import { snapshotBefore } from '../snapshot';
import type { Step } from '../steps';
import { outOfTime, waitUntil } from '../wait';
import { drainAsConfirmed } from './drain-as-confirmed';
import { reachMachine } from './reach-machine';
import type { RemoveContext } from './remove-context';
import { recordOf } from './removal-record';
import { waitUntilNoticed } from './wait-until-noticed';

const inCluster = ({ inCluster: there }: RemoveContext) => there;
const isMember = ({ isMember: member }: RemoveContext) => member;
const isManagement = ({ node }: RemoveContext) => node.role === 'management';
const isSetUp = ({ facts }: RemoveContext) => facts !== undefined && facts.bootstrap !== 'absent';
const isGone = ({ facts }: RemoveContext) => facts === undefined;
const isCleaned = ({ removal }: RemoveContext) => removal === 'clean';

/**
 * Prepares something that is taken back where a later step fails. Not for a node of which the Node or the member is gone
 * already, or never was: what keeps that one out must stay.
 */
async function prepare({ node, inCluster: there, isMember: member, undo }: RemoveContext, what: string, act: () => Promise<void>, back: () => Promise<void>): Promise<void> {
  if (there && (member || node.role === 'worker')) undo.push({ what, run: back });
  await act();
}

/** From here on going back would be worse than going on: called before what cannot be taken back, whose answer may get lost. */
function noWayBack({ undo }: RemoveContext): void {
  undo.length = 0;
}

/** Reads what the cluster has of the node. @throws Problem for a member without a Node */
async function look(context: RemoveContext): Promise<void> {
  const { session, node } = context;
  const { api, machine } = context.server!;
  context.inCluster = (await api.node(node.name)) !== undefined;
  context.isMember = (await memberNames(session, context.server!)).includes(node.name);
  if (context.inCluster || !context.isMember) return;
  throw new Problem({
    subject: `etcd member of '${node.name}'`,
    rule: 'it has no Node, and k3s removes a member only through its Node',
    remedy: `declare the node again, so that its join is carried on; or remove the member with etcdctl on ${machine.label} (member list, then member remove) and run \`pulumi up\` again`,
  });
}

const connecting: Step<RemoveContext> = {
  title: 'connecting',
  run: reachMachine,
};

const blockingRestart: Step<RemoveContext> = {
  title: 'keeping the machine from starting again',
  when: isSetUp,
  async run(context) {
    const { machine } = context;
    await prepare(context, 'the block on the machine', () => machine.blockRestart(), () => machine.allowRestart());
  },
};

const stopping: Step<RemoveContext> = {
  title: 'stopping the node',
  when: isSetUp,
  async run(context) {
    noWayBack(context);
    await context.machine.stopRuntime();
  },
};

/** Always run, also on a host that looks clean: a half-joined one holds a config with the token. */
const cleaning: Step<RemoveContext> = {
  title: 'cleaning the machine',
  when: isCleaned,
  async run(context) {
    const { machine, node } = context;
    noWayBack(context);
    await machine.uninstall();
    const left = await machine.leftovers();
    if (left.length === 0) return;
    throw new Problem({
      subject: `machine '${node.name}'`,
      value: left.join(', '),
      rule: 'it is out of the cluster and fenced, but this is left on it',
      remedy: 'run `pulumi up` again; if it stays, delete it by hand or reinstall the machine',
    });
  },
};

/** Said at the end, where it is not scrolled away. */
const leavingUncleaned: Step<RemoveContext> = {
  title: 'leaving the machine as it is',
  when: context => !isCleaned(context),
  async run({ machine, facts, isAnother, removal }, report) {
    if (isAnother) return report(`${machine.label} was not touched: it is another machine than the one that joined`);
    const where = `${machine.label} was not cleaned: LLMOS, its data and the join token are still on it`;
    const next = removal === 'reinstall' ? 'reinstall it before it joins again' : 'should it start again, clean it with llmos-uninstall.sh and delete /etc/llmos';
    report(`${where}${facts ? ', stopped' : ''}; ${next}`);
  },
};

/** The whole of a removal, in order. Up to the removal of the member everything can be taken back. */
export const removeSteps: readonly Step<RemoveContext>[] = [
  connecting,
  {
    title: 'finding the cluster',
    async run(context) {
      context.server = await context.session.server('remove', context.node.name);
    },
  },
  {
    title: 'taking the lock',
    when: isManagement,
    async run(context) {
      context.lock = await takeLock(context.server!.api, context.session.cluster.name);
    },
  },
  {
    title: 'looking what the cluster has of it',
    run: look,
  },
  {
    title: 'waiting until the cluster has noticed that it is gone',
    when: context => isGone(context) && context.inCluster,
    run: waitUntilNoticed,
  },
  {
    title: 'checking the quorum',
    when: isMember,
    async run({ session, server, node }, report) {
      await guardRemoval(session, server!, node, report);
    },
  },
  {
    // The others may not have the token yet that the cluster's data is bound to, and would not start again without it.
    title: 'ending the change of the join token that was begun by it',
    when: async context => isMember(context) && !isGone(context) && !context.destroyingCluster && (await context.server!.api.tokenChangedBy()) === context.node.name,
    async run({ session, server, lock, workers, deadline }, report) {
      await rotateJoinToken({ session, server: server!, lock: lock!, workers, deadline, report });
    },
  },
  {
    title: 'taking an etcd snapshot',
    when: isMember,
    async run({ server, node }, report) {
      report(await snapshotBefore(server!, `removing-${node.name}`));
    },
  },
  {
    title: 'draining',
    when: inCluster,
    async run(context, report) {
      const { server, node, destroyingCluster } = context;
      const { api } = server!;
      const view = await api.node(node.name);
      // A cordon that stands already may be the user's own, and is left to them.
      if (!view?.unschedulable || view.cordonedFor !== undefined) {
        await prepare(context, 'the cordon', () => api.cordon(node.name, 'removal'), () => api.uncordon(node.name));
      }
      // The pods of a cluster that is destroyed have nowhere to go.
      if (!destroyingCluster) await drainAsConfirmed(context, report);
    },
  },
  {
    title: 'fencing the name',
    async run(context) {
      const { server, node } = context;
      const { api } = server!;
      await api.ensureFence();
      const record = await recordOf(context);
      // Where the name is fenced already, an earlier removal was interrupted: taken back all the same while the node is whole.
      await prepare(context, 'the fence', () => api.fence(node.name, record), () => api.unfence(node.name));
      if (await api.fenceHolds(node.name)) return;
      throw new Problem({
        subject: `fence for '${node.name}'`,
        rule: 'the API server would still accept a Node of that name, so the removed machine could come back',
        remedy: 'check the ValidatingAdmissionPolicy llmos-rejoin-fence in the cluster, then run `pulumi up` again',
      });
    },
  },
  blockingRestart,
  {
    // A join that was half-way when this began may have gone on until the block ended it.
    title: 'looking once more what the cluster has of it',
    run: look,
  },
  {
    title: 'checking the quorum once more',
    when: isMember,
    async run({ session, server, node }, report) {
      await guardRemoval(session, server!, node, report);
    },
  },
  {
    title: 'handing over etcd leadership',
    when: context => isMember(context) && !isGone(context),
    async run({ session, server, node }, report) {
      await handOverLeadership(session, server!, node.name, report);
    },
  },
  {
    title: 'removing the etcd member',
    when: isMember,
    async run(context, report) {
      const { session, server, node, deadline, lock } = context;
      lock!.assertHeld();
      const subject = `etcd member of '${node.name}'`;
      // Without time to see it through the node would be left half removed.
      if (deadline.passed) throw outOfTime(subject, 'everything is prepared, and no time is left for the removal itself', deadline);
      noWayBack(context);
      // From here on it is a machine that left and knows the token, and no longer one that may stay after all.
      if (isGone(context)) await server!.api.fence(node.name, { ...await recordOf(context), tokenRotation: 'due' });
      await server!.api.requestMemberRemoval(node.name);
      await waitUntil(subject, async () => {
        const left = (await memberNames(session, server!)).includes(node.name);
        return left ? { done: false, reason: 'it is still in the member list' } : { done: true };
      }, deadline, report);
    },
  },
  stopping,
  {
    title: 'deleting the Node',
    when: inCluster,
    async run(context) {
      noWayBack(context);
      await context.server!.api.deleteNode(context.node.name, context.deadline);
    },
  },
  {
    title: 'checking that no member is left',
    when: isManagement,
    async run({ session, server, node }) {
      if (!(await memberNames(session, server!)).includes(node.name)) return;
      throw new Problem({
        subject: `etcd member of '${node.name}'`,
        rule: 'it is in the member list although it was taken out, so it joined in the meantime and counts for the quorum',
        remedy: `remove it with etcdctl on ${server!.machine.label} (member list, then member remove), then run \`pulumi up\` again`,
      });
    },
  },
  cleaning,
  {
    title: 'pointing management nodes at each other',
    when: ({ node }) => node.role === 'management',
    async run({ session, server }) {
      await pointAtLivingPeers(session, server!);
    },
  },
  {
    title: 'changing the join token',
    // Also for one that left before and whose change had to wait, or was never ended.
    when: async context => isManagement(context) && !context.destroyingCluster && context.leavesToken !== true && tokenIsToChange(context.server!.api),
    async run({ session, server, lock, workers, becoming, deadline }, report) {
      await rotateJoinToken({ session, server: server!, lock: lock!, workers, becoming, deadline, report });
    },
  },
  leavingUncleaned,
];

/** The end of a cluster: nobody is left to ask, so the machine is all there is. */
export const lastNodeSteps: readonly Step<RemoveContext>[] = [connecting, blockingRestart, stopping, cleaning, leavingUncleaned];
