import { hostname, userInfo } from 'node:os';
import { Problem } from '../../problem';
import { drain } from '../drain';
import { guardRestart } from '../guard-restart';
import { handOverLeadership } from '../leadership';
import { takeLock } from '../lock';
import { serverBeside } from '../server-beside';
import type { Report, Step } from '../steps';
import type { MaintainContext } from './maintain-context';

const isManagement = ({ node }: MaintainContext) => node.role === 'management';

/** Takes a node out of service, in order. */
export const setAsideSteps: readonly Step<MaintainContext>[] = [
  {
    title: 'looking at the cluster',
    async run(context) {
      const { session, node } = context;
      context.server = await serverBeside(session, node.name);
      const nodes = await context.server.api.nodes();
      if (!nodes.some(({ name }) => name === node.name)) {
        throw new Problem({ subject: `node '${node.name}'`, rule: 'the cluster has no node of that name', remedy: 'see `llmos-nodes nodes`' });
      }
      context.isAlone = nodes.every(({ name, unschedulable }) => name === node.name || unschedulable);
    },
  },
  {
    title: 'taking the lock',
    when: isManagement,
    async run(context) {
      const { server, session, node } = context;
      context.lock = await takeLock(server!.api, session.cluster.name, Date.now, `${node.name} is out of service`);
    },
  },
  {
    title: 'checking the quorum',
    when: isManagement,
    run: guard,
  },
  {
    title: 'emptying the node',
    async run(context, report) {
      const { server, node, deadline } = context;
      const { api } = server!;
      const view = await api.node(node.name);
      const isAside = view?.setAside !== undefined && view.unschedulable;
      if (!isAside) {
        context.isMarked = true;
        // A person's cordon is left as it is, and stays.
        await api.setAside(node.name, { by: `${userInfo().username}@${hostname()}`, since: new Date().toISOString(), cordoned: view?.unschedulable === false });
      }
      if (!context.isAlone) await drain(api, node.name, deadline, report, { comesBack: true });
    },
  },
  {
    title: 'handing over etcd leadership',
    when: context => isManagement(context) && !context.isOnlyMember,
    async run({ session, server, node }, report) {
      await handOverLeadership(session, server!, node.name, report);
    },
  },
  {
    // A drain takes minutes, in which others may have failed.
    title: 'checking the quorum once more',
    when: isManagement,
    async run(context, report) {
      context.lock!.assertHeld();
      await guard(context, report);
    },
  },
];

async function guard(context: MaintainContext, report: Report): Promise<void> {
  const { session, server, node, allowDowntime } = context;
  const subject = `taking '${node.name}' of cluster '${session.cluster.name}' out of service`;
  const { isOnlyMember, quorum } = await guardRestart(session, server!, node.name, { subject, mayBeOnly: true });
  context.isOnlyMember = isOnlyMember;
  if (!isOnlyMember) {
    context.meanwhile = quorum;
    return report(`while ${node.name} is away, ${quorum}`);
  }
  if (allowDowntime) return report(quorum);
  throw new Problem({ subject, rule: quorum, remedy: 'let two more management nodes join first; or, if that is meant, add --allow-downtime' });
}
