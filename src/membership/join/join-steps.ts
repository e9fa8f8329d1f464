import { renderConfig } from '../../llmos/config';
import { guardJoin } from '../guard';
import { takeLock } from '../lock';
import { memberNames } from '../members';
import { pointAtLivingPeers } from '../peers';
import type { Installer } from '../ports/machine';
import { withdrawRemoval } from '../remove/withdraw-removal';
import { rotateJoinToken, tokenIsToChange } from '../rotate-token';
import { snapshotBefore } from '../snapshot';
import type { Step } from '../steps';
import { waitForDaemonSets } from '../wait-for-daemon-sets';
import { waitForMembers } from '../wait-for-members';
import { checkHost } from './check-host';
import { findServer } from './find-server';
import type { JoinContext } from './join-context';
import { joinConfig } from './join-config';
import { nodeHasJoined } from './node-has-joined';
import { recogniseNode } from './recognise-node';

const isNew = (context: JoinContext) => !context.adopted;
const joinsOthers = (context: JoinContext) => !context.adopted && !context.initialise;
const isAdoptedFromHand = ({ adopted, facts }: JoinContext) => adopted && facts?.byHand === true;
const isManagement = ({ node }: JoinContext) => node.role === 'management';
const bringsFiles = ({ binary, images = [], registries }: Installer) => binary !== undefined || images.length > 0 || registries !== undefined;
const becomesMember = (context: JoinContext) => joinsOthers(context) && isManagement(context) && !context.isMember;

/** The whole of a join, in order. */
export const joinSteps: readonly Step<JoinContext>[] = [
  {
    title: 'connecting',
    async run(context) {
      context.facts = await context.machine.facts();
    },
  },
  {
    title: 'finding the cluster',
    when: ({ initialise }) => !initialise,
    async run(context) {
      context.server = await context.session.server('join', context.facts?.bootstrap === 'done' ? undefined : context.node.name);
    },
  },
  {
    title: 'looking whether it has joined already',
    run: recogniseNode,
  },
  {
    title: 'checking the host',
    when: isNew,
    async run(context, report) {
      checkHost(context.node, context.facts!, report);
    },
  },
  {
    // Gigabytes take minutes: neither the lock nor a look at the quorum is to wait for them.
    title: 'laying files ready',
    when: context => isNew(context) && bringsFiles(context.installer),
    async run({ machine, installer }, report) {
      await machine.layReady(installer, report);
    },
  },
  {
    title: 'taking the lock',
    when: context => joinsOthers(context) && isManagement(context),
    async run(context) {
      context.lock = await takeLock(context.server!.api, context.session.cluster.name);
    },
  },
  {
    title: 'looking whether it is a member already',
    when: context => joinsOthers(context) && isManagement(context),
    async run(context) {
      const { session, server, node, facts } = context;
      // Let in by an earlier run that was interrupted: it is carried on, not added again. On a clean machine that member is a stale one.
      context.isMember = facts!.bootstrap !== 'absent' && (await memberNames(session, server!)).includes(node.name);
    },
  },
  {
    title: 'checking the quorum',
    when: becomesMember,
    async run({ session, server, node }, report) {
      await guardJoin(session, server!, node.name, report);
    },
  },
  {
    title: 'asking the cluster from this host',
    when: joinsOthers,
    run: findServer,
  },
  {
    title: 'taking an etcd snapshot',
    when: becomesMember,
    async run(context, report) {
      report(await snapshotBefore(context.server!, `joining-${context.node.name}`));
    },
  },
  {
    // The host may have asked for the cluster for minutes, and a copy of the database takes its time as well.
    title: 'checking the quorum once more',
    when: becomesMember,
    async run({ session, server, node }, report) {
      await guardJoin(session, server!, node.name, report);
    },
  },
  {
    title: 'writing the configuration',
    when: isNew,
    async run(context) {
      await context.machine.writeConfig(renderConfig(joinConfig(context)));
    },
  },
  {
    title: 'lifting the fence',
    when: isNew,
    async run({ server, machine, node, isMember }) {
      // A removal may have begun while an earlier join was half-way.
      if (isMember && await server!.api.node(node.name)) await server!.api.withdrawMemberRemoval(node.name);
      await machine.allowRestart();
      if ((await server?.api.fencedNames())?.includes(node.name)) await server!.api.unfence(node.name);
      if ((await server?.api.node(node.name))?.cordonedFor === 'removal') await server!.api.uncordon(node.name);
    },
  },
  {
    title: 'looking for what is left of a removal',
    when: ({ adopted }) => adopted,
    async run({ session, server, node }) {
      await withdrawRemoval(session, server!, node);
    },
  },
  {
    title: 'installing LLMOS',
    when: isNew,
    async run({ machine, installer, lock }) {
      lock?.assertHeld();
      await machine.install(installer);
    },
  },
  {
    title: 'LLMOS is setting up the node',
    when: isNew,
    async run({ machine, deadline }, report) {
      await machine.waitForBootstrap(report, deadline);
    },
  },
  {
    title: 'waiting for the node to be ready',
    async run(context, report) {
      const { session, node, deadline } = context;
      context.server ??= await session.serverAt(node, 'join');
      const { api } = context.server;
      await api.waitForNode(node.name, view => {
        const joined = nodeHasJoined(node, view);
        if (!joined.done) report(joined.reason);
        return joined;
      }, deadline);
      await api.applyNode(node.name, { labels: node.labels, taints: node.taints });
      // What does not run on a node that was there before is no fault of this run, and may stay so.
      if (isAdoptedFromHand(context)) return;
      await waitForDaemonSets(api, node.name, deadline);
    },
  },
  {
    title: 'waiting for every etcd member to be healthy',
    when: isManagement,
    async run({ session, server, node, adopted, deadline }, report) {
      await waitForMembers({ session, server: server!, name: node.name, onlyItsOwn: adopted, deadline, report });
    },
  },
  {
    // A cluster that somebody made by hand is adopted as it is: its hosts are first written to by a change that somebody asks for.
    title: 'pointing management nodes at each other',
    when: context => isManagement(context) && !isAdoptedFromHand(context),
    async run({ session, server }) {
      await pointAtLivingPeers(session, server!);
    },
  },
  {
    // A machine that left unreachable knows the token, whose change may have waited for this one's vote, or was never ended.
    title: 'changing the join token',
    when: async context => isManagement(context) && tokenIsToChange(context.server!.api),
    async run(context, report) {
      const { session, server, workers, becoming, deadline } = context;
      context.lock ??= await takeLock(server!.api, session.cluster.name);
      await rotateJoinToken({ session, server: server!, lock: context.lock, workers, becoming, deadline, report });
    },
  },
];
