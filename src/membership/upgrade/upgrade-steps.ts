import { isNewerKubernetes } from '../../llmos/kubernetes-version';
import { Problem } from '../../problem';
import { drain } from '../drain';
import { guardRestart } from '../guard-restart';
import { handOverLeadership } from '../leadership';
import { takeLock } from '../lock';
import { serverBeside } from '../server-beside';
import { snapshotBefore } from '../snapshot';
import type { Report, Step } from '../steps';
import { waitForMembers } from '../wait-for-members';
import { checkVersions } from './check-versions';
import type { UpgradeContext } from './upgrade-context';

/** What the drain may take of the time: the restart and the waits come after it. */
const DRAIN_SHARE = 3 / 4;

const isDue = ({ isDue: due }: UpgradeContext) => due;
const isManagement = ({ node }: UpgradeContext) => node.role === 'management';
const restartsMember = (context: UpgradeContext) => isDue(context) && isManagement(context);
const isOutOfService = ({ isDue: due, isCordoned }: UpgradeContext) => due || isCordoned;

/** The whole of one node's upgrade, in order. One that runs the release already is left alone. */
export const upgradeSteps: readonly Step<UpgradeContext>[] = [
  {
    title: 'looking which release it runs',
    async run(context, report) {
      const { session, node, release } = context;
      context.server = await serverBeside(session, node.name);
      const nodes = await context.server.api.nodes();
      const view = nodes.find(({ name }) => name === node.name);
      if (!view) throw new Problem({ subject: `node '${node.name}'`, rule: 'the cluster has no such node, so nothing of it is upgraded', remedy: 'run `pulumi refresh`, which says what became of it' });
      context.isDue = isNewerKubernetes(release.version, view.kubeletVersion);
      context.isAlone = nodes.every(({ name, unschedulable }) => name === node.name || unschedulable);
      context.isCordoned = view.cordonedFor === 'upgrade';
      const isAhead = isNewerKubernetes(view.kubeletVersion, release.version);
      report(isAhead ? `${view.kubeletVersion}, newer than declared: nothing is downgraded; declare it` : view.kubeletVersion);
    },
  },
  {
    title: 'checking the versions beside it',
    when: isDue,
    async run({ server, node, release }) {
      checkVersions(node.name, release.version, await server!.api.nodes());
    },
  },
  {
    // Before the node is emptied: it takes long, and may not work.
    title: 'fetching the release',
    when: isDue,
    async run({ machine, release }, report) {
      report(release.image);
      await machine.fetchRelease(release);
    },
  },
  {
    title: 'taking the lock',
    when: restartsMember,
    async run(context) {
      context.lock = await takeLock(context.server!.api, context.session.cluster.name);
    },
  },
  {
    title: 'checking the quorum',
    when: restartsMember,
    run: guardUpgrade,
  },
  {
    title: 'taking an etcd snapshot',
    when: restartsMember,
    async run({ server, node }, report) {
      report(await snapshotBefore(server!, `upgrading-${node.name}`));
    },
  },
  {
    title: 'emptying the node',
    when: context => isDue(context) && !context.isAlone,
    async run(context, report) {
      const { server, node, deadline } = context;
      const { api } = server!;
      // A person's cordon is left as it is, and stays.
      if (!(await api.node(node.name))?.unschedulable) {
        context.isCordoned = true;
        await api.cordon(node.name, 'upgrade');
      }
      await drain(api, node.name, deadline.share(DRAIN_SHARE), report, { comesBack: true });
    },
  },
  {
    title: 'handing over etcd leadership',
    when: restartsMember,
    async run({ session, server, node }, report) {
      await handOverLeadership(session, server!, node.name, report);
    },
  },
  {
    // A drain takes minutes, in which others may have failed.
    title: 'checking the versions and the quorum once more',
    when: isDue,
    async run(context, report) {
      const { server, node, release } = context;
      checkVersions(node.name, release.version, await server!.api.nodes());
      if (isManagement(context)) await guardUpgrade(context, report);
    },
  },
  {
    title: 'starting the release',
    when: isDue,
    async run(context) {
      const { machine, lock, release } = context;
      lock?.assertHeld();
      context.isStarted = true;
      await machine.startRelease(release);
    },
  },
  {
    title: 'waiting for the node to be ready',
    when: isOutOfService,
    async run({ server, node, release, deadline }, report) {
      await server!.api.waitForNode(node.name, view => {
        const reason = view?.ready === true ? `it still says ${view.kubeletVersion}` : `it is not Ready: ${view?.notReadyReason ?? 'the cluster has no such node'}`;
        if (view?.ready === true && !isNewerKubernetes(release.version, view.kubeletVersion)) return { done: true };
        report(reason);
        return { done: false, reason };
      }, deadline);
    },
  },
  {
    title: 'waiting for every etcd member to be healthy',
    when: context => isOutOfService(context) && isManagement(context),
    async run({ session, server, node, deadline }, report) {
      await waitForMembers({ session, server: server!, name: node.name, deadline, report });
    },
  },
  {
    title: 'letting pods back',
    when: ({ isCordoned }) => isCordoned,
    async run(context) {
      await context.server!.api.uncordon(context.node.name);
      context.isCordoned = false;
    },
  },
  {
    // Its own service finds the host set up and does nothing.
    title: 'installing LLMOS',
    when: ({ installer }) => installer !== undefined,
    async run({ machine, installer }, report) {
      report(installer!.version ?? 'the newest');
      await machine.install(installer!);
    },
  },
];

async function guardUpgrade({ session, server, node }: UpgradeContext, report: Report): Promise<void> {
  const { isOnlyMember, quorum } = await guardRestart(session, server!, node.name, { subject: `upgrading '${node.name}' of cluster '${session.cluster.name}'`, mayBeOnly: true });
  report(isOnlyMember ? quorum : `while ${node.name} is away, ${quorum}`);
}
