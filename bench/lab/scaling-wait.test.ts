// Measures on real hosts how long a write waits: while the cluster grows and shrinks, and while etcd elects a leader after a crash.
// Run by bench/benchmarks/scaling.mjs, which judges.
import { writeFileSync } from 'node:fs';

import { ClusterLab } from '../../test/lab/cluster-lab';
import { WriteProbe, type Wait } from '../../test/lab/write-probe';

jest.setTimeout(20 * 60_000);

const REPETITIONS = 2;
/** After each growth, so that the floor is the median of eight. */
const CRASHES = 2;
const ALL = ['m1', 'm2', 'm3', 'm4', 'm5'];
const [ONE, THREE, FIVE] = [ALL.slice(0, 1), ALL.slice(0, 3), ALL];
const SOON = { create: '90s', delete: '90s' };

/** The longest wait of a write while something was done. */
interface Measured extends Wait {
  readonly what: string;
}

/** What this leaves behind. */
interface Waits {
  /** Each of them once from one management node to five and back. */
  readonly scalings: readonly (readonly Measured[])[];
  readonly elections: readonly Measured[];
  readonly acknowledged: number;
  /** Writes that were acknowledged and are not there at the end. */
  readonly lost: readonly string[];
}

let lab: ClusterLab;
let probe: WriteProbe | undefined;

beforeAll(async () => {
  lab = await ClusterLab.create('bench', ALL, { quick: true });
  declare(ONE);
  await lab.up();
});

afterAll(async () => {
  probe?.abandon();
  await lab?.destroy();
});

function declare(names: readonly string[]): void {
  lab.stack.set('llmos:confirmRemoval', ALL.filter(name => !names.includes(name)));
  lab.declare(names, { customTimeouts: SOON });
}

async function measure(what: string, act: () => Promise<unknown>): Promise<Measured> {
  await probe!.lap();
  await act();
  return { what, ...await probe!.lap() };
}

/** `pulumi up` from some management nodes to others. */
function scaling(from: readonly string[], to: readonly string[]): Promise<Measured> {
  declare(to);
  return measure(`${from.length} to ${to.length}`, () => lab.up());
}

/** The worst start for a removal: the first to leave leads etcd, and the writes go to its API server. */
async function shrinking(from: readonly string[], to: readonly string[]): Promise<Measured> {
  const first = from.at(-1)!;
  if (await lab.leader() !== first) await lab.lead(first);
  probe!.turnTo(lab.host(first).address);
  return scaling(from, to);
}

/** etcd's leader crashes, and is back before anything else is done. */
function election(members: number): Promise<Measured> {
  return measure(`election among ${members}`, async () => {
    await lab.host(await lab.leader()).mustSsh('pkill -9 -x etcd');
    await lab.votersAnswer();
  });
}

test('the longest wait of a write while the cluster is scaled, and while it elects a leader', async () => {
  probe = new WriteProbe(await lab.adminKubeconfig(), ALL.map(name => lab.host(name).address));
  probe.start();
  const [scalings, elections]: [Measured[][], Measured[]] = [[], []];
  for (let turn = 0; turn < REPETITIONS; turn++) {
    const growth = [await scaling(ONE, THREE)];
    for (let crash = 0; crash < CRASHES; crash++) elections.push(await election(3));
    growth.push(await scaling(THREE, FIVE));
    for (let crash = 0; crash < CRASHES; crash++) elections.push(await election(5));
    scalings.push([...growth, await shrinking(FIVE, THREE), await shrinking(THREE, ONE)]);
  }
  const { acknowledged, lost } = await probe.stop();
  const waits: Waits = { scalings, elections, acknowledged, lost };
  writeFileSync(process.env.LLMOS_NODES_WAITS!, JSON.stringify(waits, null, 2));
});
