import type { LiveMembers } from '../../src/cli/live-cluster';
import type { DeclaredCluster } from '../../src/cli/nodes-declared';
import type { NodesReport } from '../../src/cli/nodes-report';
import { watchCluster } from '../../src/cli/nodes-watch';
import type { NodeView } from '../../src/membership/ports/cluster-api';
import { Problem } from '../../src/problem';
import { declared, declaredNode, look, node } from './nodes-looks';

/** A cluster whose nodes are told and whose connection breaks when the test says so. */
class Cluster {
  nodes: NodeView[] = [];
  asked = 0;
  tell: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  watches = 0;

  async watchNodes(see: (nodes: () => NodeView[]) => void, signal: AbortSignal): Promise<void> {
    this.watches += 1;
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => resolve());
      this.tell = () => see(() => this.nodes);
      this.fail = reject;
      if (this.nodes.length > 0) this.tell();
    });
  }

  async members(nodes: readonly NodeView[]): Promise<LiveMembers> {
    this.asked += 1;
    return look(nodes).members;
  }

  async removedNodes() {
    return [];
  }
}

interface Shown {
  readonly report: NodesReport;
  readonly trouble?: string;
}

/** Follows a cluster and waits for what is shown. */
function following(cluster: Cluster, readDeclared?: () => Promise<DeclaredCluster>) {
  const ending = new AbortController();
  const shown: Shown[] = [];
  let noticed: () => void = () => undefined;
  const end = watchCluster({ cluster, declared: readDeclared, signal: ending.signal, show: (report, trouble) => { shown.push({ report, trouble }); noticed(); } });
  const until = async (wanted: (last: Shown) => boolean): Promise<Shown> => {
    while (shown.length === 0 || !wanted(shown.at(-1)!)) await Promise.race([new Promise<void>(resolve => { noticed = resolve; }), end]);
    return shown.at(-1)!;
  };
  return { shown, until, stop: async () => { ending.abort(); await end; } };
}

const states = ({ report }: Shown) => report.nodes.map(({ name, state, voter }) => `${name} ${state}${voter === undefined ? '' : ' voter'}`);

test('the first picture has the members in it, and a change is shown when it is told', async () => {
  const cluster = new Cluster();
  cluster.nodes = [node('m1'), node('w1')];
  const { shown, until, stop } = following(cluster);
  await until(() => true);
  expect(states(shown[0]!)).toEqual(['m1 Ready voter', 'w1 Ready']);
  cluster.nodes = [node('m1'), node('w1', { unschedulable: true })];
  const before = cluster.asked;
  cluster.tell();
  await until(last => states(last).includes('w1 Ready,SchedulingDisabled'));
  expect(cluster.asked).toBe(before);
  await stop();
});

test('a node that came or went is shown together with its member and what is declared by then', async () => {
  const cluster = new Cluster();
  cluster.nodes = [node('m1'), node('m2')];
  let wanted = declared(declaredNode('m1'), declaredNode('m2'));
  const { shown, until, stop } = following(cluster, async () => wanted);
  await until(({ report }) => report.nodes.length === 2);
  wanted = declared(declaredNode('m1'));
  cluster.nodes = [node('m1')];
  cluster.tell();
  await until(({ report }) => report.nodes.length === 1);
  expect(shown.flatMap(states).filter(state => /gone|no Node/.test(state))).toEqual([]);
  await stop();
});

test('before there is a cluster, what is declared is shown', async () => {
  const cluster = new Cluster();
  const { until, stop } = following(cluster, async () => declared(declaredNode('m1', { machineId: undefined, operation: 'joining' }), declaredNode('w1', { machineId: undefined })));
  expect(states(await until(() => true))).toEqual(['m1 joining', 'w1 not there yet']);
  await stop();
});

test('a cluster that does not answer is out of date, is tried again and is shown when it is back', async () => {
  const cluster = new Cluster();
  cluster.nodes = [node('m1')];
  const { until, stop } = following(cluster);
  await until(() => true);
  cluster.fail(new Problem({ subject: 'API server', rule: 'it is away', remedy: 'wait' }));
  expect(states(await until(({ trouble }) => trouble === 'API server: it is away; wait'))).toEqual(['m1 Ready voter']);
  await until(({ trouble }) => trouble === undefined);
  expect(cluster.watches).toBe(2);
  await stop();
});

test('a fault of ours ends it', async () => {
  const cluster = new Cluster();
  cluster.nodes = [node('m1')];
  const { until } = following(cluster);
  await until(() => true);
  cluster.fail(new TypeError('ours'));
  await expect(until(() => false)).rejects.toThrow('ours');
});
