import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWithEngine } from '../e2e/stack';
import { ClusterLab, RELEASE } from './cluster-lab';

jest.setTimeout(300_000);

/** The stand-in for LLMOS, as lab-parts makes it. */
const BINARY = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'llmos-nodes', 'lab', 'files', 'llmos');
const ARCHIVE = '/var/lib/rancher/k3s/agent/images/images.tar';
const CONTENT = 'an archive of images';
const INSIDE: Readonly<Record<string, string>> = { m1: '10.98.0.1', w1: '10.98.0.2' };

/**
 * m1 and w1 let ops in from the bastion b1 alone; root is how the test itself looks at them. Their inner network is a second range
 * of addresses on the same cable. They have no release to install from, and the lab's network leads nowhere.
 */
describeWithEngine('a closed network behind a bastion, on real hosts', () => {
  const files = mkdtempSync(join(tmpdir(), 'llmos-nodes-places-'));
  const images = join(files, 'images.tar');
  let lab: ClusterLab;
  let laidBefore: string;

  beforeAll(async () => {
    writeFileSync(images, CONTENT);
    lab = await ClusterLab.create('places', ['b1', 'm1', 'w1'], { quick: true });
    for (const [name, inside] of Object.entries(INSIDE)) {
      await lab.host(name).mustSsh([
        `ip address add ${inside}/24 dev host0`,
        `rm -rf ${RELEASE}`,
        `sed -i '1i AllowUsers root ops@${lab.host('b1').address}' /etc/ssh/sshd_config`,
        // A reload returns while sshd is still closing and opening its port; a restart, when it listens again.
        'systemctl restart ssh',
      ].join(' && '));
    }
    await lab.host('w1').mustSsh(`mkdir -p ${ARCHIVE.slice(0, ARCHIVE.lastIndexOf('/'))} && cat > ${ARCHIVE}`, { input: CONTENT });
    laidBefore = await identity();
    const { address, hostKey } = lab.host('b1');
    lab.declare(['m1', 'w1'], {
      connection: { bastion: { host: address, user: 'ops', hostKey } },
      machines: { m1: { internalAddress: INSIDE.m1 }, w1: { internalAddress: INSIDE.w1 } },
      installer: { environment: {}, binary: { path: BINARY }, images: [{ path: images, sha256: createHash('sha256').update(CONTENT).digest('hex') }] },
    });
  });

  afterAll(async () => {
    await lab?.destroy();
    rmSync(files, { recursive: true, force: true });
  });

  /** Another file in the same place has another inode, a file written again another time. */
  function identity(): Promise<string> {
    return lab.host('w1').mustSsh(`stat -c '%i %y' ${ARCHIVE}`);
  }

  test('machines that let ops in from the bastion alone join as ops with sudo, and download nothing', async () => {
    for (const name of ['m1', 'w1']) expect(await lab.host(name).ssh('true', { user: 'ops' })).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied') });
    await lab.up();
    expect(await lab.nodes()).toEqual(['m1 management Ready voter', 'w1 worker Ready']);
  });

  test('the archive of images lies on each, and one that lay there before was not sent again', async () => {
    for (const name of ['m1', 'w1']) expect(await lab.host(name).mustSsh(`cat ${ARCHIVE}`)).toBe(CONTENT);
    expect(await identity()).toBe(laidBefore);
  });

  // The stand-in publishes no ExternalIP on the Node: what k3s is told is as far as this can be seen here.
  test('the nodes and etcd use the inner addresses, and k3s is told the outer ones', async () => {
    const nodes = await lab.cluster(api => api.nodes());
    expect(Object.fromEntries(nodes.map(({ name, internalAddress }) => [name, internalAddress]))).toEqual(INSIDE);
    expect((await lab.memberList()).map(line => line.split(', ')[3])).toEqual([`https://${INSIDE.m1}:2380`]);
    for (const name of ['m1', 'w1']) {
      const config = await lab.host(name).mustSsh('cat /etc/rancher/k3s/config.yaml.d/40-llmos.yaml');
      expect(config).toMatch(new RegExp(`node-external-ip"?: "?${lab.host(name).address.replaceAll('.', '\\.')}"?`));
    }
  });
});
