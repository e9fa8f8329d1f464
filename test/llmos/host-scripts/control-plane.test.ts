import { JOIN_TOKEN_SCRIPT, KUBECONFIG_SCRIPT, snapshotScript } from '../../../src/llmos/host-scripts/control-plane';
import { FakeHost } from './fake-host';

describe('a management host', () => {
  let host: FakeHost;

  beforeEach(() => (host = new FakeHost()));
  afterEach(() => host.remove());

  test('gives the join token by LLMOS', async () => {
    host.write('usr/local/bin/llmos', '#!/bin/sh\n[ "$1" = get-token ] && echo mytoken\n', 0o755);
    expect((await host.run(JOIN_TOKEN_SCRIPT)).stdout).toBe('mytoken\n');
  });

  test.each([['k3s'], ['rke2']])('gives the join token from the file of %s where LLMOS does not', async runtime => {
    host.write('usr/local/bin/llmos', '#!/bin/sh\nexit 1\n', 0o755);
    host.write(`var/lib/rancher/${runtime}/server/token`, 'K10abcdef::server:mytoken\n', 0o600);
    expect((await host.run(JOIN_TOKEN_SCRIPT)).stdout).toBe('mytoken\n');
  });

  test('without a token says so by its status', async () => {
    expect((await host.run(JOIN_TOKEN_SCRIPT)).code).not.toBe(0);
  });

  test('gives the kubeconfig', async () => {
    host.write('etc/rancher/k3s/k3s.yaml', 'kind: Config\n');
    expect((await host.run(KUBECONFIG_SCRIPT)).stdout).toBe('kind: Config\n');
  });

  test.each([['k3s', 'usr/local/bin/k3s'], ['rke2', 'opt/rke2/bin/rke2']])('takes a snapshot with %s and says where it lies', async (runtime, binary) => {
    const snapshots = `var/lib/rancher/${runtime}/server/db/snapshots`;
    host.write(`${snapshots}/before-m2-m1-1600000000`, 'an older one of the same name');
    host.write(binary, `#!/bin/sh\n[ "$*" = 'etcd-snapshot save --name before-m2' ] && echo saved && : >${host.file(snapshots)}/before-m2-m1-1700000000\n`, 0o755);
    const { code, stdout } = await host.run(snapshotScript('before-m2'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${host.file(snapshots)}/before-m2-m1-1700000000\n` });
  });

  test('whose snapshot fails names no file', async () => {
    host.write('var/lib/rancher/k3s/server/db/snapshots/before-m2-m1-1600000000', 'old');
    host.write('usr/local/bin/k3s', '#!/bin/sh\necho "no quorum" >&2; exit 1\n', 0o755);
    expect(await host.run(snapshotScript('before-m2'))).toEqual({ code: 1, stdout: '', stderr: 'no quorum\n' });
  });
});
