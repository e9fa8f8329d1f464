import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';

import { CLUSTER_IDENTITY_SCRIPT, JOIN_TOKEN_SCRIPT, KUBECONFIG_SCRIPT, parseClusterIdentity, snapshotScript } from '../../../src/llmos/host-scripts/control-plane';
import { FakeHost } from './fake-host';
import { HttpsServer } from './https-server';

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

describe.each(['curl', 'wget'].filter(name => existsSync(`/usr/bin/${name}`)))('which cluster it is part of, asked with %s', client => {
  test.each(['k3s', 'rke2'])('its own API server says to the administrator whom %s made', async runtime => {
    const [host, server] = [new FakeHost(), new HttpsServer()];
    try {
      await server.listen();
      const tls = `var/lib/rancher/${runtime}/server/tls/client-admin`;
      host.write(`${tls}.key`, '', 0o600);
      execFileSync('openssl', [
        'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=system:admin', '-keyout', host.file(`${tls}.key`), '-out', host.file(`${tls}.crt`),
      ], { stdio: 'ignore' });
      server.answer = ({ socket, url }, response) => {
        const isAdministrator = (socket as TLSSocket).getPeerCertificate().subject?.CN === 'system:admin';
        if (!isAdministrator || url !== '/api/v1/namespaces/kube-system') response.writeHead(401).end();
        else response.end(JSON.stringify({ kind: 'Namespace', metadata: { name: 'kube-system', uid: '5c1f' } }));
      };
      // The other client fails, so that it is clear which one asked.
      host.standIn(client === 'curl' ? 'wget' : 'curl', 'exit 1');
      const script = CLUSTER_IDENTITY_SCRIPT.replace('6443/', `${server.port}/`).replace('command -v curl', client === 'curl' ? 'command -v curl' : 'false');
      const { code, stdout, stderr } = await host.run(script);
      expect({ code, stderr, identity: parseClusterIdentity(stdout) }).toEqual({ code: 0, stderr: '', identity: '5c1f' });
    } finally {
      await server.close();
      host.remove();
    }
  });
});
