import { Problem } from '../../problem';
import { drain } from '../drain';
import { guardRemoval } from '../guard';
import { takeLock } from '../lock';
import { memberNames } from '../members';
import { pointAtLivingPeers } from '../peers';
import type { Step } from '../steps';
import { waitUntil } from '../wait';
import type { RemoveContext } from './remove-context';

const inCluster = ({ inCluster: there }: RemoveContext) => there;
const isMember = ({ isMember: member }: RemoveContext) => member;
const isSetUp = ({ facts }: RemoveContext) => facts!.bootstrap !== 'absent';

const connecting: Step<RemoveContext> = {
  title: 'connecting',
  async run(context) {
    const { node, machineId, machine } = context;
    context.facts = await machine.facts();
    if (machineId !== undefined && context.facts.machineId !== machineId) {
      throw new Problem({
        subject: `node '${node.name}'`,
        value: `machine-id ${context.facts.machineId}`,
        rule: `${machine.label} is not the machine that joined (machine-id ${machineId}), so it is not touched`,
        remedy: 'give the node\'s machine its address back, or take the node out of the state (pulumi state delete) once you removed it by hand',
      });
    }
  },
};

const blockingRestart: Step<RemoveContext> = {
  title: 'keeping the machine from starting again',
  when: isSetUp,
  async run({ machine, undo }) {
    undo.push(() => machine.allowRestart());
    await machine.blockRestart();
  },
};

const stopping: Step<RemoveContext> = {
  title: 'stopping the node',
  when: isSetUp,
  async run({ machine }) {
    await machine.stopRuntime();
  },
};

/** Always run, also on a host that looks clean: a half-joined one holds a config with the token. */
const cleaning: Step<RemoveContext> = {
  title: 'cleaning the machine',
  async run({ machine, node }) {
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

/** The whole of a removal, in order. Up to the removal of the member everything can be taken back. */
export const removeSteps: readonly Step<RemoveContext>[] = [
  connecting,
  {
    title: 'finding the cluster',
    async run(context) {
      const { session, node } = context;
      context.server = await session.server('remove', node.name);
      context.inCluster = (await context.server.api.node(node.name)) !== undefined;
      context.isMember = (await memberNames(session, context.server)).includes(node.name);
    },
  },
  {
    title: 'taking the lock',
    when: isMember,
    async run(context) {
      context.lock = await takeLock(context.server!.api, context.session.cluster.name);
    },
  },
  {
    title: 'checking the quorum',
    when: isMember,
    async run({ session, server, node }) {
      await guardRemoval(session, server!, node.name);
    },
  },
  {
    title: 'taking an etcd snapshot',
    when: isMember,
    async run({ server, node }, report) {
      report(await server!.machine.snapshot(`before-removing-${node.name}`));
    },
  },
  {
    title: 'draining',
    when: inCluster,
    async run({ server, node, deadline, destroyingCluster, undo }, report) {
      const { api } = server!;
      if (!(await api.node(node.name))?.unschedulable) {
        undo.push(() => api.setUnschedulable(node.name, false));
        await api.setUnschedulable(node.name, true);
      }
      if (!destroyingCluster) await drain(api, node.name, deadline, report);
    },
  },
  {
    title: 'fencing the name',
    async run({ server, node, undo, inCluster: there }) {
      const { api } = server!;
      await api.ensureFence();
      if (!(await api.fencedNames()).includes(node.name)) {
        // A name that has no Node any more stays fenced, whatever comes: lifting it would let the machine back.
        if (there) undo.push(() => api.unfence(node.name));
        await api.fence(node.name);
      }
      if (await api.fenceHolds(node.name)) return;
      throw new Problem({
        subject: `fence for '${node.name}'`,
        rule: 'the API server would still accept a Node of that name, so the removed machine could come back',
        remedy: 'check the ValidatingAdmissionPolicy of llmos-nodes in the cluster, then run `pulumi up` again',
      });
    },
  },
  blockingRestart,
  {
    title: 'checking the quorum once more',
    when: isMember,
    async run({ session, server, node }) {
      await guardRemoval(session, server!, node.name);
    },
  },
  {
    title: 'removing the etcd member',
    when: isMember,
    async run({ session, server, node, deadline, undo, lock, inCluster: there }, report) {
      lock!.assertHeld();
      if (!there) {
        throw new Problem({
          subject: `etcd member of '${node.name}'`,
          rule: 'it has no Node any more, and k3s removes a member only through its Node',
          remedy: `remove it with etcdctl on ${server!.machine.label} (etcdctl member list, then member remove), then run \`pulumi up\` again`,
        });
      }
      // From here on going back would be worse than going on.
      undo.length = 0;
      await server!.api.requestMemberRemoval(node.name);
      await waitUntil(`etcd member of '${node.name}'`, async () => {
        const left = (await memberNames(session, server!)).includes(node.name);
        return left ? { done: false, reason: 'it is still in the member list' } : { done: true };
      }, deadline, report);
    },
  },
  stopping,
  {
    title: 'deleting the Node',
    when: inCluster,
    async run({ server, node, deadline, undo }) {
      undo.length = 0;
      await server!.api.deleteNode(node.name, deadline);
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
];

/** The end of a cluster: nobody is left to ask, so the machine is all there is. */
export const lastNodeSteps: readonly Step<RemoveContext>[] = [connecting, blockingRestart, stopping, cleaning];
