// Every protection of the library, how to take it out, and a test file that notices. `from` stands once in its file; when the
// code moves, `npm run test:mutations` says so.

const membership = 'src/membership';
const removal = 'test/membership/remove/remove.test.ts';
const joining = 'test/membership/join/join.test.ts';
const gone = 'test/membership/remove/unreachable.test.ts';
const token = 'test/membership/rotate-token.test.ts';
const upgrade = 'test/membership/upgrade/upgrade.test.ts';
const upgrading = 'test/membership/upgrade/check-versions.test.ts';
const maintenance = 'test/membership/maintain/maintain.test.ts';
const recovery = 'test/membership/recover/assess.test.ts';
const recovering = 'test/membership/recover/recover.test.ts';
const severalReplaced = 'test/pulumi/replacing-several.test.ts';

const JOINING = '    ...joining.flatMap((node) => (another.includes(node) && !dead.includes(node) ? [remove(node), join(node)] : [join(node)])),\n';
const LEAVING = '    ...leavingAlive.filter((node) => demoted.includes(node)).map(remove),\n    ...leavingAlive.filter((node) => !demoted.includes(node)).map(remove),\n';

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
    file: 'src/quorum/transition.ts', from: `    ...leavingDead.map(remove),\n${JOINING}`, to: `${JOINING}    ...leavingDead.map(remove),\n`,
    test: 'test/quorum/transition.test.ts',
  },
  {
    name: 'a dead node that is replaced under its name leaves before others join',
    file: 'src/quorum/transition.ts', from: '(leaving.includes(node) || another.includes(node))', to: 'leaving.includes(node)',
    test: 'test/quorum/transition.test.ts',
  },
  {
    name: 'others join before the living leave',
    file: 'src/quorum/transition.ts', from: `${JOINING}${LEAVING}`, to: `${LEAVING}${JOINING}`,
    test: 'test/quorum/transition.test.ts',
  },
  {
    name: 'the only voter is not replaced under its own name',
    file: 'src/quorum/transition.ts', from: '    refuseNoVoter(steps.find((step) => step.voters === 0));\n', to: '',
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
    test: 'test/pulumi/handlers/removals.test.ts',
  },
  {
    name: 'a destruction is confirmed by the name of the cluster',
    file: 'src/pulumi/handlers/confirmation.ts', from: 'if (settings.confirmDestroy === node.cluster) return {', to: 'if (node.cluster) return {',
    test: 'test/pulumi/handlers/removals.test.ts',
  },
  {
    name: 'another internal address is another machine, whose predecessor is confirmed',
    file: `${membership}/gate.ts`, from: "(['address', 'internalAddress'] as const)", to: "(['address'] as const)",
    test: 'test/membership/gate.test.ts',
  },
  {
    name: 'machines do not join through a node that leaves',
    file: 'src/pulumi/handlers/membership-handler.ts', from: 'problems.concat(lost, behind, fileProblems)', to: 'problems.concat(behind, fileProblems)',
    test: severalReplaced,
  },
  {
    name: 'a machine that a refresh found in the place of another is confirmed by the node\'s name',
    file: 'src/pulumi/handlers/node-handler.ts', from: 'failures: refused.map(failure)', to: 'failures: []',
    test: 'test/pulumi/replacing.test.ts',
  },
  {
    name: 'a successor is looked at before the machine it follows leaves',
    file: 'src/pulumi/handlers/membership-handler.ts', from: '      await checkSuccessors(session, successions(olds.nodes, news.nodes, confirmed));\n', to: '',
    test: severalReplaced,
  },
  {
    name: 'a machine that is to be reinstalled was',
    file: `${membership}/successors.ts`, from: "    if (removal === 'reinstall') {", to: '    if (false) {',
    test: severalReplaced,
  },
  {
    name: 'a machine that answers under another address is not gone',
    file: `${membership}/successors.ts`, from: "    if (removal === 'unreachable') {", to: '    if (false) {',
    test: severalReplaced,
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
    file: 'src/pulumi/run.ts', from: "inTurn<T>({ cluster, role }: Pick<NodeState, 'role'> & Pick<ClusterState, 'cluster'>, action: 'join' | 'leave', work: () => Promise<T>): Promise<T> {\n    if (role === 'management')", to: "inTurn<T>({ cluster, role }: Pick<NodeState, 'role'> & Pick<ClusterState, 'cluster'>, action: 'join' | 'leave', work: () => Promise<T>): Promise<T> {\n    if (role === 'management') return work();\n    if (role === 'management')",
    test: 'test/pulumi/handlers/removals.test.ts',
  },
  {
    name: 'management nodes in series: each depends on all earlier ones',
    file: 'src/pulumi/cluster.ts', from: 'const after = isManagement ? [...management] : management.slice(-1);', to: 'const after = management.slice(-1);',
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
    file: `${membership}/drain.ts`, from: "if (barePods === 'keep') refuseBare(node, pods, comesBack);", to: '',
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
    file: `${membership}/remove/remove-steps.ts`, from: 'if (isGone(context)) await', to: 'if (!isGone(context)) await',
    test: gone,
  },
  {
    name: 'a node that was to be reinstalled comes from another machine-id',
    file: `${membership}/join/recognise-node.ts`, from: 'if (!known) await refuseUnlessReinstalled(context);', to: '',
    test: gone,
  },
  {
    name: 'the guard before each restart of a management node',
    file: `${membership}/rotate-token.ts`, from: '    await guard(rotation, name);\n    lock', to: '    lock',
    test: token,
  },
  {
    name: 'every member is healthy again before the next one restarts',
    file: `${membership}/rotate-token.ts`, from: '    await waitForMembers({ session, server, name, deadline, report });\n', to: '',
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
  // The recovery.
  {
    name: 'a cluster that has its quorum is not reset',
    file: `${membership}/recover/assess.ts`, from: 'return healthy.length === 0 ? []', to: 'return healthy.length >= 0 ? []',
    test: recovery,
  },
  {
    name: 'a machine that does not answer has to be said to be lost',
    file: `${membership}/recover/assess.ts`, from: '!lost.includes(node.name)).map(({ node: { name }, label', to: "node.name === '' && !lost.includes(node.name)).map(({ node: { name }, label",
    test: recovery,
  },
  {
    name: 'members that run on a majority of the data are not reset',
    file: `${membership}/recover/assess.ts`, from: 'speaking.length >= majority(members)', to: 'speaking.length > members',
    test: recovery,
  },
  {
    name: 'data that may be the newest is asked before another is chosen',
    file: `${membership}/recover/assess.ts`, from: 'datastore.present && datastore.revision === undefined && !lost', to: 'datastore.present && datastore.revision === 0 && !lost',
    test: recovery,
  },
  {
    name: 'members that the stack does not know are accounted for',
    file: `${membership}/recover/assess.ts`, from: '...(unknown > strangers.length ?', to: '...(unknown < 0 ?',
    test: recovery,
  },
  {
    name: 'the newest data is what a cluster is recovered from',
    file: `${membership}/recover/assess.ts`, from: 'newest.datastore.revision! >= host.datastore.revision!', to: 'newest.datastore.revision! <= host.datastore.revision!',
    test: recovery,
  },
  {
    name: 'a recovery that was begun gives way to a quorum or to newer data',
    file: `${membership}/recover/assess.ts`, from: 'const takesBack = note?.reset === false && ', to: 'const takesBack = note?.reset === undefined && ',
    test: recovery,
  },
  {
    name: 'no second cluster beside a survivor that is one',
    file: `${membership}/recover/assess.ts`, from: 'host !== survivor && host.healthy && !host', to: 'host === survivor && host.healthy && !host',
    test: recovery,
  },
  {
    name: 'a copy before the reset',
    file: `${membership}/recover/recover-steps.ts`, from: 'const path = await machine.copyDatastore(plan.id);', to: 'const path = plan.reset ? await machine.copyDatastore(plan.id) : undefined;',
    test: recovering,
  },
  {
    name: 'a lost machine that answers right before the reset stops it',
    file: `${membership}/recover/recover-steps.ts`, from: '      await refuseThoseWhoAreBack(session, plan);\n', to: '',
    test: recovering,
  },
  {
    name: 'the recovered data goes as far as what was chosen',
    file: `${membership}/recover/recover-steps.ts`, from: 'found !== undefined && found >= revision', to: 'found !== undefined || revision > 0',
    test: recovering,
  },
  {
    name: 'what joined again in a recovery is not stopped or deleted by the run that goes on',
    file: `${membership}/recover/recover-steps.ts`, from: 'returning.filter(({ datastore }) => !datastore.forgotten.includes(id))', to: 'returning',
    test: recovering,
  },
  {
    name: 'nothing is changed before the name of the cluster was typed',
    file: `${membership}/recover/recover.ts`, from: '  await confirm(plan);\n', to: '  void confirm;\n',
    test: recovering,
  },
  {
    name: 'a copy is never written over',
    file: 'src/llmos/host-scripts/cluster-reset.ts', from: 'if [ -e "$copy/complete" ]; then echo "$copy"; exit 0; fi', to: '',
    test: 'test/llmos/host-scripts/cluster-reset.test.ts',
  },
  {
    name: 'a reset is done once in a recovery',
    file: 'src/llmos/host-scripts/cluster-reset.ts', from: 'if ! [ -e "$flag" ]; then', to: 'if true; then',
    test: 'test/llmos/host-scripts/cluster-reset.test.ts',
  },
  {
    name: 'data is deleted only where there is a copy',
    file: 'src/llmos/host-scripts/cluster-reset.ts', from: ' && ! [ -e "$copy/complete" ]; then', to: ' && false; then',
    test: 'test/llmos/host-scripts/cluster-reset.test.ts',
  },
  // Upgrades.
  {
    name: 'no minor version is left out, nothing goes back and no distribution changes, in the preview',
    file: `${membership}/gate-versions.ts`, from: 'return refusal === undefined ? []', to: 'return refusal !== null ? []',
    test: 'test/membership/gate-versions.test.ts',
  },
  {
    name: 'a report of two definitions judges a change of release as a preview does',
    file: 'src/impact/findings.ts', from: 'after.checked === true ? undefined : refusedDeclaration(', to: 'true ? undefined : refusedDeclaration(',
    test: 'test/impact/impact.test.ts',
  },
  {
    name: 'a preview for a report still refuses a release that a node cannot be brought to',
    file: 'src/pulumi/handlers/node-handler.ts', from: 'run.confirmedRemovals(membership!).removals)), ...refusedUpgrade(olds, news),', to: 'run.confirmedRemovals(membership!).removals)), ...(reportsOnly() ? [] : refusedUpgrade(olds, news)),',
    test: 'test/pulumi/handlers/node-changes.test.ts',
  },
  {
    name: 'no minor version is left out of what really runs',
    file: `${membership}/upgrade/check-versions.ts`, from: 'node.name === name ? refusedChange(node.kubeletVersion, version)', to: 'node.name === name ? undefined',
    test: upgrading,
  },
  {
    name: 'a worker is never ahead of an API server',
    file: `${membership}/upgrade/check-versions.ts`, from: "other.role === 'management' ? refusedBeside(version, other.kubeletVersion)", to: "other.role === 'management' ? undefined",
    test: upgrading,
  },
  {
    name: 'no API server leaves another too far behind',
    file: `${membership}/upgrade/check-versions.ts`, from: 'return mayServeTogether(other.kubeletVersion, version) ?', to: 'return other ?',
    test: upgrading,
  },
  {
    name: 'versions are looked at before a node is touched',
    file: `${membership}/upgrade/upgrade-steps.ts`, from: '    async run({ server, node, release }) {\n      checkVersions(', to: '    async run({ server, node, release }) {\n      void [server, release];\n      if (node.name === \'\') checkVersions(',
    test: upgrade,
  },
  {
    name: 'the guard before a management node is upgraded',
    file: `${membership}/upgrade/upgrade-steps.ts`, from: '    run: guardUpgrade,\n', to: '    run: async () => undefined,\n',
    test: upgrade,
  },
  {
    name: 'the guard once more before a management node restarts',
    file: `${membership}/upgrade/upgrade-steps.ts`, from: '      if (isManagement(context)) await guardUpgrade(context, report);\n', to: '',
    test: upgrade,
  },
  {
    name: 'a release is fetched before the node is emptied',
    file: `${membership}/upgrade/upgrade-steps.ts`, from: '      await machine.fetchRelease(release);\n', to: '',
    test: upgrade,
  },
  {
    name: 'a node that runs the release is not touched',
    file: `${membership}/upgrade/upgrade-steps.ts`, from: 'context.isDue = isNewerKubernetes(release.version, view.kubeletVersion);', to: 'context.isDue = true;',
    test: upgrade,
  },
  {
    name: 'an upgrade that began nothing gives the node back',
    file: `${membership}/upgrade/upgrade.ts`, from: 'if (!isCordoned || !isDue) return error;', to: 'if (isDue) return error;',
    test: upgrade,
  },
  {
    name: 'an upgraded node is waited for',
    file: `${membership}/upgrade/upgrade-steps.ts`, from: '        return { done: false, reason };\n      }, deadline);', to: '        return { done: true };\n      }, deadline);',
    test: upgrade,
  },

  // Drift.
  {
    name: 'what a refresh found does not take the place of what was declared',
    file: 'src/pulumi/handlers/node-record.ts', from: 'if (view === undefined || found?.machine !== undefined) return { props, inputs };',
    to: 'if (view !== undefined) return { props: { ...props, role: view.role, labels: view.labels }, inputs };',
    test: 'test/pulumi/handlers/live-view.test.ts',
  },
  {
    name: 'only what nobody has to decide about is put right by itself',
    file: `${membership}/drift.ts`, from: "return kind === 'labels' || kind === 'taints' || kind === 'version';", to: "return kind !== 'not ready';",
    test: 'test/membership/drift.test.ts',
  },
  {
    name: 'nothing is changed of another machine behind the name',
    file: 'src/pulumi/handlers/taken-over.ts', from: '  if (drift?.machine === undefined) return;\n', to: '  if (drift?.role === undefined) return;\n',
    test: 'test/pulumi/handlers/live-view.test.ts',
  },
  {
    name: 'another machine is taken over only where that was confirmed',
    file: 'src/pulumi/handlers/taken-over.ts', from: ".some(each => each.name === name && each.removal === 'reinstall')", to: '.length >= 0',
    test: 'test/pulumi/handlers/live-view.test.ts',
  },
  {
    name: 'a machine that does not answer is not known to be clean',
    file: 'src/pulumi/handlers/node-handler.ts', from: "bootstrap === 'absent', () => false)", to: "bootstrap === 'absent', () => true)",
    test: 'test/pulumi/handlers/live-view.test.ts',
  },
  {
    name: 'what somebody set up by hand is adopted without a write to a host',
    file: 'src/membership/join/join-steps.ts', from: 'adopted && facts?.byHand === true', to: 'adopted && facts === undefined',
    test: joining,
  },
  // Maintenance.
  {
    name: 'the guard before a management node is taken out of service',
    file: `${membership}/maintain/set-aside-steps.ts`, from: "    title: 'checking the quorum',\n    when: isManagement,\n    run: guard,\n", to: "    title: 'checking the quorum',\n    when: isManagement,\n    run: async () => undefined,\n",
    test: maintenance,
  },
  {
    name: 'the guard once more after the drain',
    file: `${membership}/maintain/set-aside-steps.ts`, from: '      await guard(context, report);\n', to: '      void report;\n',
    test: maintenance,
  },
  {
    name: 'one management node is out of service at a time',
    file: `${membership}/guard-restart.ts`, from: '  await refuseWhileAside(server.api, name);\n', to: '  void refuseWhileAside;\n',
    test: maintenance,
  },
  {
    name: 'the only member restarts only where that was said',
    file: `${membership}/guard-restart.ts`, from: 'if (mayBeOnly && members', to: 'if (members',
    test: 'test/membership/guard-restart.test.ts',
  },
  {
    name: 'no management node joins while one is out of service',
    file: `${membership}/guard.ts`, from: '  await refuseWhileAside(server.api, name);\n', to: '',
    test: maintenance,
  },
  {
    name: 'no management node leaves while another one is out of service',
    file: `${membership}/guard.ts`, from: '  await refuseWhileAside(server.api, node.name);\n', to: '',
    test: maintenance,
  },
  {
    name: 'the only management node is taken out of service with the words for it alone',
    file: `${membership}/maintain/set-aside-steps.ts`, from: '  if (allowDowntime) return report', to: '  if (allowDowntime !== undefined) return report',
    test: maintenance,
  },
  {
    name: 'a cordon that a person had put is left',
    file: `${membership}/maintain/set-aside-steps.ts`, from: 'cordoned: view?.unschedulable === false', to: 'cordoned: true',
    test: maintenance,
  },
  {
    name: 'a mark that a person wrote takes no cordon back',
    file: 'src/llmos/set-aside.ts', from: 'cordoned: cordoned === true', to: "cordoned: cordoned !== false",
    test: 'test/llmos/set-aside.test.ts',
  },
  {
    name: 'pods come back to a node when its own member is well',
    file: `${membership}/wait-for-members.ts`, from: '    return missing.length === 0 ? { done: true } :', to: '    return missing.length >= 0 ? { done: true } :',
    test: maintenance,
  },
  {
    name: 'a node is well when its kubelet has reported since the restart',
    file: `${membership}/maintain/bring-back-steps.ts`, from: 'if (view?.ready && hasReported)', to: 'if (view?.ready || hasReported === undefined)',
    test: maintenance,
  },
  {
    name: 'a node whose drain failed is given back',
    file: `${membership}/maintain/maintain.ts`, from: '    await server!.api.takeBack(node.name);\n', to: '',
    test: maintenance,
  },
  {
    name: 'nobody is told what was the case before he asked',
    file: 'src/adapters/ssh/shared-read.ts', from: '    if (this.current === undefined) return this.begin();', to: '    if (this.current !== undefined) return this.current;\n    if (this.current === undefined) return this.begin();',
    test: 'test/adapters/ssh/shared-read.test.ts',
  },
  {
    name: 'a command that the host had no session for is begun again',
    file: 'src/adapters/ssh/sessions.ts', from: 'if (!(error instanceof NoSession) || others === 0) throw error;', to: 'throw error;',
    test: 'test/adapters/ssh/sessions.test.ts',
  },
  {
    name: 'a removal that is withdrawn leaves the cordon of an upgrade',
    file: `${membership}/remove/withdraw-removal.ts`, from: "view.cordonedFor !== 'removal' && !(await", to: 'view.cordonedFor === undefined && !(await',
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
  {
    name: 'a removal is withdrawn with what k3s was asked for',
    file: `${membership}/remove/withdraw-removal.ts`, from: '  await server.api.withdrawMemberRemoval(name);\n', to: '',
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
  {
    name: 'a node whose member goes while its removal is withdrawn stays out',
    file: `${membership}/remove/withdraw-removal.ts`, from: 'if ((await memberNames(session, server)).includes(name)) return;', to: 'if (name) return;',
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
  {
    name: 'nothing is let back in beside a removal by somebody else',
    file: `${membership}/remove/withdraw-removal.ts`, from: "node.role === 'management' ? await takeLock", to: "node.name === '' ? await takeLock",
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
  {
    name: 'a removal is withdrawn for the machine it was begun for',
    file: `${membership}/remove/withdraw-removal.ts`, from: "return view.machineId === '' || view.machineId === (await session.machine(node).facts()).machineId;", to: 'return true;',
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
  {
    name: 'a removal that fails takes back first what k3s was asked for',
    file: `${membership}/remove/remove.ts`, from: "if (node.role === 'management') await withdrawRequest(session, server!, node.name);", to: '',
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
  {
    name: 'a replacement that is given up is taken back',
    file: 'src/pulumi/handlers/membership-handler.ts', from: 'news.filter(node => isAnotherMachine(node, olds));', to: 'news.filter(({ name }) => !olds.some(old => old.name === name));',
    test: 'test/pulumi/replacement-given-up.test.ts',
  },
  {
    name: 'a host says itself which cluster it is part of',
    file: `${membership}/session.ts`, from: '    if (this.adapters.apiIsDirect) this.verify(node, await machine.clusterIdentity());\n', to: '',
    test: 'test/membership/session.test.ts',
  },
  {
    name: 'the fence stays when the manifests go',
    file: 'src/pulumi/manifests.ts', from: 'if (metadata.name === REJOIN_FENCE) options.retainOnDelete = true;', to: '',
    test: 'test/pulumi/cluster.test.ts',
  },
  {
    name: 'a change of the token counts for those alone for whom it was begun',
    file: `${membership}/rotate-token.ts`, from: ".filter(({ tokenRotation }) => tokenRotation === 'begun');", to: '.filter(mayComeBack);',
    test: token,
  },
  {
    name: 'a change of the token is gone on with by the server that began it',
    file: `${membership}/rotate-token.ts`, from: 'by === server.node.name ? server :', to: 'by ? server :',
    test: token,
  },
  {
    name: 'a change of the token is ended before the server that began it leaves',
    file: `${membership}/remove/remove-steps.ts`, from: '(await context.server!.api.tokenChangedBy()) === context.node.name', to: 'false',
    test: token,
  },
  {
    name: 'a change of the token that was begun is ended whatever becomes of the machine it was begun for',
    file: `${membership}/rotate-token.ts`, from: '.some(mayComeBack) || (await api.tokenChangedBy()) !== undefined', to: '.some(mayComeBack)',
    test: token,
  },
  {
    name: 'a host that was given a token has none pending',
    file: 'src/llmos/host-scripts/join-token.ts', from: '\nrm -f ${NEXT_TOKEN}`;', to: '`;',
    test: 'test/llmos/host-scripts/join-token.test.ts',
  },
  {
    name: 'a node that is declared as it is stays, whatever record of it goes',
    file: 'src/pulumi/handlers/node-handler.ts', from: 'membership !== undefined && isDeclaredAsItIs(props, membership)', to: 'false',
    test: 'test/pulumi/handlers/removals.test.ts',
  },
  {
    name: 'nobody is told to clean a machine that is another node of the cluster',
    file: `${membership}/other-node.ts`, from: 'if (nodeName === undefined || nodeName === node.name) return undefined;', to: 'return undefined;',
    test: severalReplaced,
  },
  {
    name: 'no upgrade in the change in which a management node leaves',
    file: 'src/pulumi/handlers/membership-handler.ts', from: 'lost, behind, fileProblems', to: 'lost, fileProblems',
    test: 'test/pulumi/handlers/membership.test.ts',
  },
  {
    name: 'the lock of a run in another container of the same name is not taken',
    file: `${membership}/lock.ts`, from: 'pid === undefined || space !== SPACE', to: 'pid === undefined',
    test: 'test/membership/lock.test.ts',
  },
  {
    name: 'a lock that somebody else took is not ours again',
    file: `${membership}/lock.ts`, from: 'lease?.holder === this.lease.holder && lease.acquiredAt === this.lease.acquiredAt ? lease', to: 'lease ? lease',
    test: 'test/membership/lock.test.ts',
  },
  {
    name: 'a confirmation is added to those that are there',
    file: 'src/pulumi/handlers/membership-handler.ts', from: ', run.settings.listedRemovals)', to: ')',
    test: 'test/pulumi/handlers/removals.test.ts',
  },
  {
    name: 'two clusters of one program have two names',
    file: 'src/pulumi/handlers/membership-handler.ts', from: '...namedTwice(news), ', to: '',
    test: 'test/pulumi/handlers/membership.test.ts',
  },
  {
    name: 'a run that has refreshed begins with what is declared',
    file: 'src/pulumi/run.ts', from: 'this.forgetSession(membership.cluster);', to: 'void 0;',
    test: severalReplaced,
  },
  {
    name: 'a removal is withdrawn for every node that is declared again',
    file: `${membership}/remove/withdraw-removal.ts`, from: 'if (there.has(node.name)) await', to: 'if (there.has(node.name) && node === nodes[0]) await',
    test: 'test/membership/remove/withdraw-removal.test.ts',
  },
];
