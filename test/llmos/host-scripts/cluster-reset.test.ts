import { copyDatastoreScript, DATASTORE_SCRIPT, END_RECOVERY_SCRIPT, forgetDatastoreScript, noteRecoveryScript, parseDatastore, RESET_SCRIPT } from '../../../src/llmos/host-scripts/cluster-reset';
import { FakeHost } from './fake-host';

const ID = '20260131T104500Z';
const COPY = `var/lib/llmos-nodes/recovery-${ID}`;
const SERVER = 'var/lib/rancher/k3s/server';
const METRICS = `\
etcd_debugging_mvcc_current_revision 1.234567e+06
etcd_network_known_peers{Local="8e9e05c52164694d",Remote="8e9e05c52164694d"} 1
etcd_network_known_peers{Local="8e9e05c52164694d",Remote="91bc3c398fb3c146"} 1
etcd_network_known_peers{Local="8e9e05c52164694d",Remote="fd422379fda50e48"} 1
etcd_network_known_peers{Local="8e9e05c52164694d",Remote="a8266ecf031671f3"} 0
etcd_server_has_leader 0
etcd_server_is_learner 0`;

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  host.unit('k3s.service', { ActiveState: 'inactive' });
  host.write(`${SERVER}/db/etcd/member/wal/0.wal`, 'log');
  host.write(`${SERVER}/db/snapshots/kept`, 'snapshot');
  host.write(`${SERVER}/token`, 'K10x::server:secret');
  host.write('usr/local/bin/k3s', '', 0o755);
  host.standIn('curl', 'echo "curl: (7) refused" >&2; exit 7');
  host.standIn('journalctl', "echo 'fatal: no'");
  resets('touch "$flag"');
});
afterEach(() => host.remove());

/** What the reset does, which is asked of systemd. */
function resets(script: string): void {
  host.standIn('systemd-run', `echo "$*" >>${host.file('ran')}; flag=${host.file(`${SERVER}/db/reset-flag`)}; ${script}`);
}

const look = async () => parseDatastore((await host.run(DATASTORE_SCRIPT)).stdout);

test('a host says what it has: its own revision and the members it knows, and not those that left', async () => {
  host.unit('k3s.service');
  host.standIn('curl', `cat <<'END'\n${METRICS}\nEND`);
  expect(await look()).toEqual({ present: true, running: true, revision: 1_234_567, members: 3, recovery: undefined, forgotten: [] });
});

test('a learner does not say how far its data goes: it may lack the beginning', async () => {
  host.standIn('curl', `cat <<'END'\n${METRICS.replace('is_learner 0', 'is_learner 1')}\nEND`);
  expect((await look()).revision).toBeUndefined();
});

test('data whose member does not run is there, and nothing is known of it', async () => {
  expect(await look()).toEqual({ present: true, running: false, revision: undefined, members: undefined, recovery: undefined, forgotten: [] });
});

test('the note names one recovery and keeps to it', async () => {
  await host.run(noteRecoveryScript(ID, 7));
  await host.run(noteRecoveryScript('20270101T000000Z', 9));
  expect((await look()).recovery).toEqual({ id: ID, revision: 7, reset: false });
  await host.run(END_RECOVERY_SCRIPT);
  expect((await look()).recovery).toBeUndefined();
});

describe('the copy', () => {
  test('has the data and the token, and only root reads it', async () => {
    const { code, stdout } = await host.run(copyDatastoreScript(ID));
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: host.file(COPY) });
    expect(host.read(`${COPY}/etcd/member/wal/0.wal`)).toBe('log');
    expect(host.read(`${COPY}/token`)).toContain('secret');
    expect(host.mode(COPY)).toBe('700');
  });

  test('is never written over', async () => {
    await host.run(copyDatastoreScript(ID));
    host.write(`${SERVER}/db/etcd/member/wal/0.wal`, 'changed since');
    expect((await host.run(copyDatastoreScript(ID))).code).toBe(0);
    expect(host.read(`${COPY}/etcd/member/wal/0.wal`)).toBe('log');
  });

  test('that was cut off is made anew', async () => {
    host.write(`${COPY}/etcd/half`, '');
    await host.run(copyDatastoreScript(ID));
    expect(host.has(`${COPY}/etcd/half`)).toBe(false);
    expect(host.has(`${COPY}/etcd/member/wal/0.wal`)).toBe(true);
  });

  test('is not made of data that is being written', async () => {
    host.unit('k3s.service');
    const { code, stderr } = await host.run(copyDatastoreScript(ID));
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'etcd still runs there\n' });
  });

  test('is not begun where it does not fit', async () => {
    host.standIn('df', "echo 'Filesystem 1024-blocks Used Available Capacity Mounted'; echo '/dev/sda1 100000 90000 10000 90% /'");
    const { code, stderr } = await host.run(copyDatastoreScript(ID));
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs \d+ MiB in .*, and 9 MiB are free/);
    expect(host.has(COPY)).toBe(false);
  });
});

describe('the reset', () => {
  beforeEach(() => host.run(noteRecoveryScript(ID, 7)));

  test('runs in a unit of its own, and is noted when it is done', async () => {
    expect(await host.run(RESET_SCRIPT)).toMatchObject({ code: 0 });
    expect(host.read('ran')).toMatch(/--wait --collect --unit=llmos-nodes-cluster-reset\.service .*\/usr\/local\/bin\/k3s server --cluster-reset/);
    expect((await look()).recovery).toEqual({ id: ID, revision: 7, reset: true });
  });

  test('is not done again, noted or not', async () => {
    await host.run(RESET_SCRIPT);
    await host.run(RESET_SCRIPT);
    host.write('var/lib/llmos-nodes/recovery', `id=${ID}\nrevision=7\n`);
    await host.run(RESET_SCRIPT);
    expect(host.read('ran').trim().split('\n')).toHaveLength(1);
    expect((await look()).recovery?.reset).toBe(true);
  });

  test('that fails says what it said, and is not noted', async () => {
    resets('exit 1');
    expect(await host.run(RESET_SCRIPT)).toMatchObject({ code: 1, stderr: 'fatal: no\n' });
    resets('exit 0');
    expect((await host.run(RESET_SCRIPT)).code).toBe(1);
    expect((await look()).recovery?.reset).toBe(false);
  });

  test('is refused while Kubernetes runs', async () => {
    host.unit('k3s.service', { ActiveState: 'activating' });
    expect(await host.run(RESET_SCRIPT)).toMatchObject({ code: 1, stderr: 'k3s.service still runs there\n' });
    expect(host.has('ran')).toBe(false);
  });
});

describe('forgetting', () => {
  test('deletes the data and leaves the snapshots, once in a recovery', async () => {
    await host.run(copyDatastoreScript(ID));
    expect((await host.run(forgetDatastoreScript(ID))).code).toBe(0);
    expect([host.has(`${SERVER}/db/etcd`), host.has(`${SERVER}/db/snapshots/kept`), host.has(`${COPY}/etcd/member/wal/0.wal`)]).toEqual([false, true, true]);
    host.write(`${SERVER}/db/etcd/member/wal/0.wal`, 'of the recovered cluster');
    host.unit('k3s.service');
    expect((await host.run(forgetDatastoreScript(ID))).code).toBe(0);
    expect(host.has(`${SERVER}/db/etcd/member/wal/0.wal`)).toBe(true);
    expect((await look()).forgotten).toEqual([ID]);
  });

  test('is refused without a copy', async () => {
    expect(await host.run(forgetDatastoreScript(ID))).toMatchObject({ code: 1, stderr: "there is no copy of etcd's data yet\n" });
    expect(host.has(`${SERVER}/db/etcd/member/wal/0.wal`)).toBe(true);
  });

  test('needs no copy where there is no data', async () => {
    expect((await host.run(`rm -rf /${SERVER}/db/etcd; ${forgetDatastoreScript(ID)}`)).code).toBe(0);
    expect((await look()).forgotten).toEqual([ID]);
  });
});
