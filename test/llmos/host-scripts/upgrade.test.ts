import { runtimeRelease } from '../../../src/llmos/upgrade';
import { fetchReleaseScript, startReleaseScript } from '../../../src/llmos/host-scripts/upgrade';
import { FakeHost } from './fake-host';

const NEW = runtimeRelease('v1.34.5+k3s1', {});
const BINARY = 'usr/local/bin/k3s';
const STAGED = 'var/lib/llmos/releases/v1.34.5+k3s1';

/** A k3s that says its version and whose containerd keeps what it is asked in a log; mounting an image shows what is in `image/`. */
const k3s = (host: FakeHost, version: string) => `#!/bin/sh
case "$1 $2 $4" in
  '--version  ') echo 'k3s version ${version} (abcdef)'; exit ;;
  'crictl pull ') echo "pull $3" >>'${host.file('log')}'; [ ! -e '${host.file('missing')}' ] || { echo 'not found' >&2; exit 1; } ;;
  'ctr -n images') echo "$5" >>'${host.file('log')}'; case $5 in
    mount) for target; do :; done; cp -a '${host.file('image')}/.' "$target/" ;;
    unmount) for target; do :; done; rm -f "$target"/* ;;
    ls) [ ! -e '${host.file('imported')}' ] || echo image ;;
  esac ;;
esac
`;

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  host.path = `${host.path}:${host.file('usr/local/bin')}`;
  // Active with another invocation each time it is asked: restarted at once.
  host.standIn('systemctl', `
case $* in *k3s.service*) ;; *) echo LoadState=not-found; exit ;; esac
case $* in *LoadState*) echo LoadState=loaded ;; *ActiveState*) echo ActiveState=active ;; *InvocationID*) cat '${host.file('invocation')}' ;; restart*) echo restart >>'${host.file('log')}'; echo new >'${host.file('invocation')}' ;; esac`);
  host.write('invocation', 'old\n');
  host.write(BINARY, k3s(host, 'v1.34.4+k3s1'), 0o755);
  host.write('image/k3s', k3s(host, 'v1.34.5+k3s1'), 0o755);
});

afterEach(() => host.remove());

const log = () => (host.has('log') ? host.read('log').trim().split('\n') : []);

test('a release is pulled by the node itself and laid beside the one that runs', async () => {
  expect(await host.run(fetchReleaseScript(NEW))).toMatchObject({ code: 0 });
  expect(log()).toEqual(['ls', `pull ${NEW.image}`, 'mount', 'unmount']);
  expect(host.read(`${STAGED}/k3s`)).toContain('v1.34.5+k3s1');
  expect(host.read(BINARY)).toContain('v1.34.4+k3s1');
});

test('fetched once it is not fetched again, and an image that was imported is not pulled', async () => {
  host.write('imported', '');
  await host.run(fetchReleaseScript(NEW));
  await host.run(fetchReleaseScript(NEW));
  expect(log()).toEqual(['ls', 'mount', 'unmount']);
});

test('an image that cannot be had is a failure, and nothing is started from it', async () => {
  host.write('missing', '');
  expect(await host.run(fetchReleaseScript(NEW))).toMatchObject({ code: 1, stderr: expect.stringContaining('not found') });
  expect(await host.run(startReleaseScript(NEW))).toMatchObject({ code: 1, stderr: 'v1.34.5+k3s1 was not fetched\n' });
  expect(host.read(BINARY)).toContain('v1.34.4+k3s1');
});

test('an image that holds another release is refused', async () => {
  host.write('image/k3s', k3s(host, 'v1.34.6+k3s1'), 0o755);
  expect(await host.run(fetchReleaseScript(NEW))).toMatchObject({ code: 1, stderr: expect.stringContaining("holds 'v1.34.6+k3s1' and not v1.34.5+k3s1") });
  expect(await host.run(startReleaseScript(NEW))).toMatchObject({ code: 1 });
});

test('starting it replaces the binary, restarts once and leaves nothing behind', async () => {
  await host.run(fetchReleaseScript(NEW));
  expect(await host.run(startReleaseScript(NEW))).toMatchObject({ code: 0 });
  expect(await host.run(startReleaseScript(NEW))).toMatchObject({ code: 0 });
  expect(host.read(BINARY)).toContain('v1.34.5+k3s1');
  expect(host.mode(BINARY)).toBe('755');
  expect(log().filter(line => line === 'restart')).toHaveLength(1);
  expect(host.has('var/lib/llmos/releases')).toBe(false);
});

test('a binary that was replaced without its restart is made up for', async () => {
  host.write(BINARY, k3s(host, 'v1.34.5+k3s1'), 0o755);
  host.write('run/llmos-nodes/restart-due', '');
  expect(await host.run(startReleaseScript(NEW))).toMatchObject({ code: 0 });
  expect(log()).toEqual(['restart']);
  expect(host.has('run/llmos-nodes/restart-due')).toBe(false);
});

test('a host that runs the release is left alone', async () => {
  host.write(BINARY, k3s(host, 'v1.34.5+k3s1'), 0o755);
  expect(await host.run(fetchReleaseScript(NEW))).toMatchObject({ code: 0 });
  expect(await host.run(startReleaseScript(NEW))).toMatchObject({ code: 0 });
  expect(log()).toEqual([]);
});
