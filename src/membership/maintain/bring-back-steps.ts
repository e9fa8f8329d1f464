import { serverBeside } from '../server-beside';
import type { Step } from '../steps';
import { waitUntil } from '../wait';
import { waitForDaemonSets } from '../wait-for-daemon-sets';
import { waitForMembers } from '../wait-for-members';
import type { MaintainContext } from './maintain-context';

/** Brings a node back into service, in order. */
export const bringBackSteps: readonly Step<MaintainContext>[] = [
  {
    title: 'looking at the cluster',
    async run(context, report) {
      const { session, node, deadline } = context;
      // The only management node may still be on its way up.
      await waitUntil(`cluster '${session.cluster.name}'`, async () => {
        context.server = await serverBeside(session, node.name);
        return { done: true };
      }, deadline, report);
    },
  },
  {
    title: 'waiting for every etcd member to be healthy',
    when: ({ node }) => node.role === 'management',
    async run({ session, server, node, deadline }, report) {
      await waitForMembers({ session, server: server!, name: node.name, deadline, report });
    },
  },
  {
    title: 'waiting for the node to be ready',
    async run({ session, server, node, deadline }, report) {
      const { api } = server!;
      const machine = session.machine(node);
      let bootId: string | undefined;
      await waitUntil(machine.label, async () => {
        ({ bootId } = await machine.facts());
        return { done: true };
      }, deadline, report);
      await api.waitForNode(node.name, view => {
        // A machine that was restarted quickly still is Ready, as it was before, until somebody misses its kubelet.
        const hasReported = view?.bootId === undefined || bootId === undefined || view.bootId === bootId;
        if (view?.ready && hasReported) return { done: true };
        const reason = view === undefined ? 'the cluster has no node of that name' : view.notReadyReason || 'its kubelet has not reported since it was restarted';
        report(reason);
        return { done: false, reason };
      }, deadline);
      await waitForDaemonSets(api, node.name, deadline);
    },
  },
  {
    title: 'letting pods back',
    async run({ server, node }, report) {
      await server!.api.takeBack(node.name);
      // Whoever cordoned it before us takes that back himself.
      if ((await server!.api.node(node.name))?.unschedulable) report(`it stays cordoned, as it was before; to take that back: kubectl uncordon ${node.name}`);
    },
  },
];
