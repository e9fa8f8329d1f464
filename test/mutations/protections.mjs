// Every protection of the library, how to take it out, and a test file that notices. `from` stands once in its file; when the
// code moves, `npm run test:mutations` says so.

const membership = 'src/membership';
const removal = 'test/membership/remove/remove.test.ts';
const joining = 'test/membership/join/join.test.ts';
const gone = 'test/membership/remove/unreachable.test.ts';
const token = 'test/membership/rotate-token.test.ts';

/** @type {readonly { name: string, file: string, from: string, to: string, test: string }[]} */
export const protections = [
  // The mathematics.
  {
    name: 'a removal needs a majority of those that stay',
    file: 'src/quorum/guard.ts', from: 'return after.healthy >= after.needed\n', to: 'return after.voters > 0\n',
    test: 'test/quorum/guard-model.test.ts',
  },
  {
    name: 'a join needs a majority of one more',
    file: 'src/quorum/guard.ts', from: 'return now.healthy >= needed\n', to: 'return now.voters > 0\n',
    test: 'test/quorum/guard-model.test.ts',
  },
  {
    name: 'unknown health counts as unhealthy',
    file: 'src/quorum/guard.ts', from: 'member.healthy !== true', to: 'member.healthy === false',
    test: 'test/quorum/guard-model.test.ts',
  },
  {
    name: 'no second learner beside one that joins',
    file: 'src/quorum/guard.ts', from: '  if (now.learners.length > 0) {\n    return joinUnderWay(now);\n  }\n  const voters', to: '  const voters',
    test: 'test/quorum/guard.test.ts',
  },
  {
    name: 'dead nodes leave before others join',
    file: 'src/quorum/transition.ts', from: '[...leavingDead.map(remove), ...joining.map(join), ...leavingAlive.map(remove)]', to: '[...joining.map(join), ...leavingDead.map(remove), ...leavingAlive.map(remove)]',
    test: 'test/quorum/transition.test.ts',
  },
  {
    name: 'others join before the living leave',
    file: 'src/quorum/transition.ts', from: '...joining.map(join), ...leavingAlive.map(remove)]', to: '...leavingAlive.map(remove), ...joining.map(join)]',
    test: 'test/quorum/transition.test.ts',
  },
  {
    name: 'at most nine voters on the way',
    file: 'src/quorum/transition.ts', from: '  if (peak > MAX_VOTERS) {', to: '  if (peak < 0) {',
    test: 'test/quorum/transition.test.ts',
  },
  // The gate.
  {
    name: 'a removal is confirmed by name, in the preview',
    file: `${membership}/gate.ts`, from: '  if (unconfirmed.length > 0) {', to: '  if (unconfirmed.length < 0) {',
    test: 'test/membership/gate.test.ts',
  },
  {
    name: 'a removal is confirmed by name, when it is carried out',
    file: 'src/pulumi/handlers/confirmation.ts', from: 'if (confirmed) return { destroyingCluster: false, confirmed };', to: 'return { destroyingCluster: false, confirmed: confirmed ?? { name: node.name } };',
    test: 'test/pulumi/handlers.test.ts',
  },
  {
    name: 'a destruction is confirmed by the name of the cluster',
    file: 'src/pulumi/handlers/confirmation.ts', from: 'if (settings.confirmDestroy === node.cluster) return {', to: 'if (node.cluster) return {',
    test: 'test/pulumi/handlers.test.ts',
  },
  // The guard.
  {
    name: 'the guard before a join',
    file: `${membership}/guard.ts`, from: "  const verdict = checkJoin(members, name);", to: "  const verdict = { ...checkJoin(members, name), safe: true };",
    test: joining,
  },
  {
    name: 'health is the member\'s own answer',
    file: `${membership}/members.ts`, from: 'if (!(await machine.memberHealthy())) return false;', to: '',
    test: 'test/membership/members.test.ts',
  },
  {
    name: 'the etcd that answers is the member that is meant',
    file: `${membership}/members.ts`, from: ' && own.some(({ id }) => id === member.id)', to: ' && own.length > 0',
    test: 'test/membership/members.test.ts',
  },
  {
    name: 'a member without a Node that nobody knows stops a join',
    file: `${membership}/guard.ts`, from: "ghost.kind === 'two members of one node' || (ghost.kind === 'member without a Node' && !known.includes(ghost.node))", to: "ghost.kind === 'two members of one node'",
    test: 'test/membership/guard.test.ts',
  },
  {
    name: 'two members of one node stop a join',
    file: `${membership}/guard.ts`, from: "ghost.kind === 'two members of one node' || ", to: '',
    test: 'test/membership/guard.test.ts',
  },
  {
    name: 'without a snapshot no member joins or leaves',
    file: `${membership}/snapshot.ts`, from: "  throw new Problem({\n    subject: `etcd snapshot", to: "  if (path === '') return '';\n  throw new Problem({\n    subject: `etcd snapshot",
    test: 'test/membership/snapshot.test.ts',
  },
  // The series.
  {
    name: 'management nodes in series: one turn at a time',
    file: 'src/pulumi/run.ts', from: "if (role !== 'management') return work();", to: 'if (role) return work();',
    test: 'test/pulumi/handlers.test.ts',
  },
  {
    name: 'management nodes in series: each depends on all earlier ones',
    file: 'src/pulumi/cluster.ts', from: 'const after = isManagement ? management : management.slice(-1);', to: 'const after = management.slice(-1);',
    test: 'test/pulumi/cluster.test.ts',
  },
  {
    name: 'the lock is refused while another holds it',
    file: `${membership}/lock.ts`, from: 'if (current && isHeldByAnother(current, holder, now())) throw heldByAnother(current, cluster, now());', to: 'if (current && isHeldByAnother(current, holder, now())) heldByAnother(current, cluster, now());',
    test: 'test/membership/lock.test.ts',
  },
  {
    name: 'a lock that was lost stops the run',
    file: `${membership}/lock.ts`, from: 'if (this.now() < this.lease.renewedAt + this.lease.durationSeconds * 1000) return;', to: 'return;',
    test: 'test/membership/lock.test.ts',
  },
  // The order of a join.
  {
    name: 'the re-check right before a machine becomes a member',
    file: `${membership}/join/join-steps.ts`, from: "    title: 'checking the quorum once more',\n    when: becomesMember,", to: "    title: 'checking the quorum once more',\n    when: () => false,",
    test: joining,
  },
  {
    name: 'a snapshot before a join',
    file: `${membership}/join/join-steps.ts`, from: 'report(await snapshotBefore(context.server!, `joining-${context.node.name}`));', to: '',
    test: joining,
  },
  {
    name: 'a join takes the lock',
    file: `${membership}/join/join-steps.ts`, from: "    title: 'taking the lock',\n    when: context => joinsOthers(context) && isManagement(context),", to: "    title: 'taking the lock',\n    when: () => false,",
    test: joining,
  },
  {
    name: 'a join asks for the lock again before it installs',
    file: `${membership}/join/join-steps.ts`, from: '      lock?.assertHeld();\n', to: '',
    test: joining,
  },
  {
    name: 'a join is done only when every member is healthy',
    file: `${membership}/join/join-steps.ts`, from: "    title: 'waiting for every etcd member to be healthy',\n    when: isManagement,", to: "    title: 'waiting for every etcd member to be healthy',\n    when: () => false,",
    test: joining,
  },
  {
    name: 'a management node has joined only as a voter',
    file: `${membership}/join/node-has-joined.ts`, from: "if (node.role === 'management' && !view.etcdIsVoter)", to: 'if (node.name === \'\')',
    test: 'test/membership/join/node-has-joined.test.ts',
  },
  // Never a second cluster.
  {
    name: 'a host that does not answer may hold the cluster',
    file: `${membership}/preflight.ts`, from: '...looks.flatMap(each => mayHoldCluster(each, first))', to: '',
    test: 'test/membership/preflight.test.ts',
  },
  {
    name: 'a cluster that was known is never started again',
    file: `${membership}/preflight.ts`, from: 'if (session.knownIdentity !== undefined) return false;', to: '',
    test: 'test/membership/preflight.test.ts',
  },
  {
    name: 'a host of another cluster stops everything',
    file: `${membership}/session.ts`, from: 'if (found !== this.identity) throw', to: 'if (found === \'\') throw',
    test: 'test/membership/session.test.ts',
  },
  {
    name: 'the survivors point at living peers',
    file: `${membership}/peers.ts`, from: 'if (living.length < 2) return;', to: 'if (living.length > 0) return;',
    test: 'test/membership/peers.test.ts',
  },
  // The order of a removal.
  {
    name: 'a removal takes the lock',
    file: `${membership}/remove/remove-steps.ts`, from: "    title: 'taking the lock',\n    when: isManagement,", to: "    title: 'taking the lock',\n    when: () => false,",
    test: removal,
  },
  {
    name: 'the guard before a removal',
    file: `${membership}/remove/remove-steps.ts`, from: "    title: 'checking the quorum',\n    when: isMember,", to: "    title: 'checking the quorum',\n    when: () => false,",
    test: removal,
  },
  {
    name: 'the re-check right before the member is removed',
    file: `${membership}/remove/remove-steps.ts`, from: "    title: 'checking the quorum once more',\n    when: isMember,", to: "    title: 'checking the quorum once more',\n    when: () => false,",
    test: removal,
  },
  {
    name: 'a removal asks for the lock again before the member goes',
    file: `${membership}/remove/remove-steps.ts`, from: '      lock!.assertHeld();\n', to: '',
    test: removal,
  },
  {
    name: 'a snapshot before a removal',
    file: `${membership}/remove/remove-steps.ts`, from: "    title: 'taking an etcd snapshot',\n    when: isMember,", to: "    title: 'taking an etcd snapshot',\n    when: () => false,",
    test: removal,
  },
  {
    name: 'pods are evicted before the node goes',
    file: `${membership}/remove/remove-steps.ts`, from: "    title: 'draining',\n    when: inCluster,", to: "    title: 'draining',\n    when: () => false,",
    test: removal,
  },
  {
    name: 'the restart block on the machine',
    file: `${membership}/remove/remove-steps.ts`, from: "  title: 'keeping the machine from starting again',\n  when: isSetUp,", to: "  title: 'keeping the machine from starting again',\n  when: () => false,",
    test: removal,
  },
  {
    name: 'the name is fenced in the cluster',
    file: `${membership}/remove/remove-steps.ts`, from: '() => api.fence(node.name, record)', to: 'async () => undefined',
    test: removal,
  },
  {
    name: 'the fence is proved before anything depends on it',
    file: `${membership}/remove/remove-steps.ts`, from: 'if (await api.fenceHolds(node.name)) return;', to: 'return;',
    test: removal,
  },
  {
    name: 'the member is gone from the list before its node is stopped',
    file: `${membership}/remove/remove-steps.ts`, from: 'return left ? { done: false, reason: \'it is still in the member list\' } : { done: true };', to: 'return { done: left || !left, reason: \'\' };',
    test: removal,
  },
  {
    name: 'a machine on which something is left is not called clean',
    file: `${membership}/remove/remove-steps.ts`, from: 'if (left.length === 0) return;', to: 'return;',
    test: removal,
  },
  {
    name: 'a refused removal is taken back',
    file: `${membership}/remove/remove.ts`, from: '    throw await takeBack(context, error);', to: '    throw error;',
    test: removal,
  },
  {
    name: 'budgets hold a drain back',
    file: `${membership}/drain.ts`, from: "if (held.length > 0 && evicting.passed && atDeadline === 'force')", to: 'if (held.length > 0)',
    test: 'test/membership/drain.test.ts',
  },
  {
    name: 'pods that nothing would make again are kept',
    file: `${membership}/drain.ts`, from: "if (barePods === 'keep') refuseBare(node, pods);", to: '',
    test: 'test/membership/drain.test.ts',
  },
  {
    name: 'a drain that did not end stops the removal',
    file: `${membership}/drain.ts`, from: 'if (deadline.passed) throw outOfTime(', to: 'if (deadline.passed) return void outOfTime(',
    test: 'test/membership/drain.test.ts',
  },
  // On the host.
  {
    name: 'the block outlives a restart of the machine',
    file: 'src/llmos/host-scripts/restart-block.ts', from: 'systemctl disable -q "$unit"', to: 'true',
    test: 'test/llmos/host-scripts/restart-block.test.ts',
  },
  {
    name: 'a running bootstrap is ended before the uninstall',
    file: 'src/llmos/host-scripts/uninstall.ts', from: 'for pid in $(pids_of llmos); do kill -KILL "$pid"; done\n', to: '',
    test: 'test/llmos/host-scripts/uninstall.test.ts',
  },
  {
    name: 'a removal that is not wanted any more is taken back',
    file: `${membership}/remove/withdraw-removal.ts`, from: 'await session.machine(node).allowRestart();', to: '',
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
  // In the API server.
  {
    name: 'the fence refuses a Node of a removed name',
    file: 'src/llmos/fence.ts', from: "validationActions: ['Deny']", to: "validationActions: ['Audit']",
    test: 'test/definition/manifests.test.ts',
  },
  // Machines that are gone.
  {
    name: 'a machine that answers is not taken for gone',
    file: `${membership}/remove/reach-machine.ts`, from: "if (removal === 'unreachable') {", to: "if (removal === 'unreachable' && facts.machineId === '') {",
    test: gone,
  },
  {
    name: 'a machine that is gone is gone for the cluster as well',
    file: `${membership}/remove/wait-until-noticed.ts`, from: 'if (!view?.ready) return', to: 'if (view) return',
    test: gone,
  },
  {
    name: 'of those that leave only the dead leave first',
    file: `${membership}/remove/remove-dead.ts`, from: ': member?.healthy === false;', to: ': member !== undefined;',
    test: gone,
  },
  {
    name: 'the dead that leave first were confirmed by name',
    file: `${membership}/remove/remove-dead.ts`, from: 'choices && await lookForDead(session, node, choices)', to: "await lookForDead(session, node, choices ?? { name: node.name, removal: 'unreachable' })",
    test: gone,
  },
  {
    name: 'that the join token has to change is noted before the member goes',
    file: `${membership}/remove/remove-steps.ts`, from: 'if (context.knowsToken) await', to: 'if (!context.knowsToken) await',
    test: gone,
  },
  {
    name: 'a node that was to be reinstalled comes from another machine-id',
    file: `${membership}/join/recognise-node.ts`, from: 'if (!known) await refuseUnlessReinstalled(context);', to: '',
    test: gone,
  },
  {
    name: 'the guard before each restart of a management node',
    file: `${membership}/rotate-token.ts`, from: '    await guardRestart(rotation, name);\n    lock', to: '    lock',
    test: token,
  },
  {
    name: 'every member is healthy again before the next one restarts',
    file: `${membership}/rotate-token.ts`, from: '    await allHealthy(rotation, name);\n', to: '',
    test: token,
  },
  {
    name: 'a restart needs a majority of the others',
    file: 'src/quorum/guard.ts', from: 'if (others.voters < all.needed)', to: 'if (others.voters < 1)',
    test: 'test/quorum/guard.test.ts',
  },
  {
    name: 'a token that has to change is not forgotten when its name joins again',
    file: 'src/llmos/removed-node.ts', from: '...(mayComeBack(removed) ?', to: "...(mayComeBack(removed) && removed.name === '' ?",
    test: 'test/llmos/removed-node.test.ts',
  },
];
