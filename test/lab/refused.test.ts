import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fingerprint } from '../../src/adapters/ssh/known-hosts';
import { ClusterLab, RELEASE, type Declaration } from './cluster-lab';
import { errors } from './errors';
import type { Host } from './hosts';

jest.setTimeout(5 * 60_000);

const TOKEN_FILE = '/var/lib/llmos/token';
const ALONE = ['m1 management Ready voter'];

describe('what is refused on real hosts', () => {
  let lab: ClusterLab;
  let w1: Host;
  let token: string;
  let members: readonly string[];

  beforeAll(async () => {
    lab = await ClusterLab.create('refused', ['m1', 'w1'], { quick: true });
    lab.declare(['m1']);
    await lab.up();
    w1 = lab.host('w1');
    token = (await lab.token()).split(':').at(-1)!;
    members = await lab.memberList();
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  /** What one `pulumi up` of m1 and a worker is refused with: one message, without a stack trace or the token, and m1 is as it was. */
  async function refusal(declaration: Declaration = {}, worker = 'w1'): Promise<string> {
    lab.declare(['m1', worker], declaration);
    const { code, text } = await lab.stack.up();
    expect({ code, text }).not.toMatchObject({ code: 0 });
    expect(text).not.toContain(token);
    expect(text).not.toMatch(/\n\s+at .*[\\/]/);
    expect(await lab.nodes()).toEqual(ALONE);
    expect(await lab.memberList()).toEqual(members);
    const messages = errors(text);
    expect(messages).toHaveLength(1);
    return messages[0]!;
  }

  const nothingOnW1 = async () => expect(await lab.traces('w1')).toBe('');

  /** An install that failed leaves what the next run overwrites, closed to all but root; the node is recorded, to be carried on. */
  async function onlyTheConfigOnW1(): Promise<void> {
    expect(await lab.traces('w1')).toBe('/etc/llmos\n');
    expect(await w1.mustSsh('stat -c "%n %a" /etc/llmos/*')).toBe('/etc/llmos/config.yaml 600\n');
    expect(await lab.stack.nodes()).toEqual(['m1', 'w1']);
  }

  test('a host key that nobody knows, with its fingerprint and the line that makes it known', async () => {
    const knownHostsPath = join(lab.stack.folder, 'known_hosts');
    writeFileSync(knownHostsPath, '');
    const [type, blob] = w1.hostKey.split(' ');
    const message = await refusal({ machines: { w1: { hostKey: undefined } }, connection: { knownHostsPath } });
    expect(message).toContain(`(${type} ${fingerprint(Buffer.from(blob!, 'base64'))}): its host key is not known`);
    const lines = message.split('\n').map(line => line.trim());
    expect(lines[0]).toMatch(/compare this fingerprint .*, then add this line to .*known_hosts:$/);
    expect(lines.slice(1)).toEqual([`${w1.address} ${type} ${blob}`]);
    await nothingOnW1();
  });

  test('a user who is not let in', async () => {
    expect(await refusal({ machines: { w1: { user: 'nobody' } } })).toMatch(/refuses user 'nobody' with .*; check `user`, and that the public key is in ~nobody\/\.ssh\/authorized_keys/);
    await nothingOnW1();
  });

  test('a key that is not let in', async () => {
    const privateKeyPath = join(lab.stack.folder, 'other-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', privateKeyPath]);
    expect(await refusal({ connection: { privateKeyPath } })).toMatch(/refuses user 'ops' with .*other-key; check `user`, and that the public key is in ~ops\/\.ssh\/authorized_keys/);
    await nothingOnW1();
  });

  test('a host that is down', async () => {
    await lab.addHost('w2');
    expect(await refusal({ connection: { dialTimeoutSeconds: 3 } }, 'w2')).toMatch(/does not answer over SSH \(.*\); check that it is on, that its address is right/);
    expect(await lab.stack.nodes()).toEqual(['m1']);
  });

  test('a host that already runs another Kubernetes', async () => {
    await w1.mustSsh(`printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/kubelet.service && systemctl enable -q --now kubelet`);
    expect(await refusal()).toMatch(/machine 'w1' \(kubelet\.service\): another Kubernetes lives there .*; uninstall it or use another machine/);
    expect(await w1.mustSsh('systemctl is-active kubelet')).toBe('active\n');
    await w1.mustSsh('systemctl disable -q --now kubelet && rm /etc/systemd/system/kubelet.service && systemctl daemon-reload');
    await nothingOnW1();
  });

  test('a join token that the cluster no longer takes', async () => {
    const m1 = lab.host('m1');
    await m1.mustSsh(`cp -p ${TOKEN_FILE} /root/token && echo 0123456789abcdef0123456789abcdef >${TOKEN_FILE}`);
    const message = await refusal();
    await m1.mustSsh(`mv /root/token ${TOKEN_FILE}`);
    expect(message).toMatch(/refuses the join token that .* gave; it was probably rotated: compare `llmos get-token` on the management nodes/);
    expect(message).not.toContain('0123456789abcdef');
    await nothingOnW1();
  });

  test('an install script with another checksum, which is not run', async () => {
    expect(await refusal({ installer: { sha256: 'a'.repeat(64) } })).toMatch(/the installer's sha256 is [0-9a-f]{64} where a{64} is expected, so it was not run; .* correct `sha256`/);
    await onlyTheConfigOnW1();
  });

  test('an install script that cannot be downloaded', async () => {
    const url = `http://${lab.gateway}:9/install.sh`;
    const message = await refusal({ installer: { script: undefined, url } });
    expect(message).toContain(`(${url}): it cannot download the installer`);
    expect(message).toMatch(/; check the address and the way out of its network/);
    await onlyTheConfigOnW1();
  });

  test('a release that cannot be downloaded', async () => {
    expect(await refusal({ installer: { environment: { INSTALL_LLMOS_ARTIFACT_URL: 'file:///opt/not-there' } } }))
      .toMatch(/status 1 \(\[ERROR\] +Download failed: file:\/\/\/opt\/not-there\/checksums\.txt\); mend what it names/);
    await onlyTheConfigOnW1();
  });

  test('a release with another checksum than its list says', async () => {
    await w1.mustSsh(`cd ${RELEASE} && cp checksums.txt /root && sed -i 's/^......../00000000/' checksums.txt`);
    const message = await refusal();
    await w1.mustSsh(`mv /root/checksums.txt ${RELEASE}`);
    expect(message).toMatch(/status 1 \(\[ERROR\] +Download sha256 does not match 00000000.*\); mend what it names/);
    await onlyTheConfigOnW1();
  });

  test('a node that is not ready in time, each time anew, until what keeps it is mended', async () => {
    await w1.mustSsh('mv /usr/bin/containerd /usr/bin/containerd.away');
    const soon = { customTimeouts: { create: '8s' } };
    const tooLate = /node 'w1': not done after 8 s \(last seen: it has not registered yet\); mend that, then run `pulumi up` again: .* customTimeouts/;
    expect(await refusal(soon)).toMatch(tooLate);
    expect(await lab.stack.nodes()).toEqual(['m1', 'w1']);
    expect(await refusal(soon)).toMatch(tooLate);

    await w1.mustSsh('mv /usr/bin/containerd.away /usr/bin/containerd');
    lab.declare(['m1', 'w1']);
    expect(await lab.up()).not.toContain('installing LLMOS');
    expect(await lab.nodes()).toEqual([...ALONE, 'w1 worker Ready']);
    expect(await lab.stack.preview('--expect-no-changes')).toMatchObject({ code: 0 });
  });
});
