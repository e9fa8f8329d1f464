import { createHash } from 'node:crypto';
import { statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { SshConnection } from '../../../src/adapters/ssh/connection';
import { installerFileProblems } from '../../../src/adapters/ssh/local-file';
import { endpoint } from '../../../src/adapters/ssh/options';
import { Shell, type RunOptions, type RunResult } from '../../../src/adapters/ssh/shell';
import { SshMachine } from '../../../src/adapters/ssh/ssh-machine';
import type { Installer } from '../../../src/membership/ports/machine';
import { formatProblem } from '../../../src/problem';
import { FakeHost } from '../../llmos/host-scripts/fake-host';
import { haveSshd, Keys, Sshd } from './sshd';

const describeWithSshd = haveSshd() ? describe : describe.skip;

const MEGABYTE = 2 ** 20;

/** Runs over real SSH, with the paths moved into a folder, and notes what is run. */
class MovedShell extends Shell {
  readonly scripts: string[] = [];

  constructor(connection: SshConnection, private readonly host: FakeHost) {
    super(connection, false);
  }

  override run(script: string, options?: RunOptions): Promise<RunResult> {
    this.scripts.push(script);
    return super.run(this.host.moved(script), options);
  }
}

describeWithSshd('what a closed network does not give (over a real sshd, package openssh-server)', () => {
  const keys = new Keys();
  const host = new FakeHost();
  let sshd: Sshd;
  let shell: MovedShell;
  let machine: SshMachine;
  const binary = keys.path('llmos-v0.3.1');
  const archive = keys.path('k3s-airgap-images-amd64.tar');
  const images = 'var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar';

  async function layReady(installer: Installer): Promise<string[]> {
    const reported: string[] = [];
    await machine.layReady(installer, line => reported.push(line));
    return reported;
  }

  beforeAll(async () => {
    const key = keys.make('user');
    sshd = await Sshd.start(keys, 'host', { path: host.path });
    sshd.authorize(keys.publicHalf(key));
    const connection = new SshConnection(endpoint({ address: sshd.address, port: sshd.port, user: sshd.user, hostKey: sshd.publicHostKey }, {}), { privateKeyPath: key });
    shell = new MovedShell(connection, host);
    machine = new SshMachine(connection, shell);
    writeFileSync(binary, '#!/bin/sh\necho llmos\n');
    // A hole of 150 MB: it costs no disk here, and all of it goes through the connection.
    writeFileSync(archive, 'the beginning');
    truncateSync(archive, 150 * MEGABYTE);
  });
  afterAll(async () => {
    await machine.close();
    await sshd.stop();
    host.remove();
    keys.remove();
  });

  test('the binary is put where the installer looks for it, executable', async () => {
    expect(await layReady({ binary: { path: binary } })).toEqual([`uploading ${binary} (1 MiB)`]);
    expect(host.read('usr/local/bin/llmos')).toBe('#!/bin/sh\necho llmos\n');
    expect(statSync(host.file('usr/local/bin/llmos')).mode & 0o777).toBe(0o755);
  });

  test('an archive is streamed to where the runtime loads it from and LLMOS looks for its installers, once for both', async () => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watching = setInterval(() => { most = Math.max(most, process.memoryUsage().arrayBuffers - before); }, 10);
    try {
      expect(await layReady({ images: [{ path: archive }] })).toEqual([`uploading ${archive} (150 MiB)`]);
    } finally {
      clearInterval(watching);
    }
    expect(statSync(host.file(images)).size).toBe(150 * MEGABYTE);
    expect(statSync(host.file(`var/lib/llmos/images/k3s-airgap-images-amd64.tar`)).ino).toBe(statSync(host.file(images)).ino);
    expect(most).toBeLessThan(50 * MEGABYTE);
  });

  test('what lies there already is not sent again, until it differs', async () => {
    const { ino } = statSync(host.file(images));
    expect(await layReady({ binary: { path: binary }, images: [{ path: archive }] })).toEqual([]);
    expect(statSync(host.file(images)).ino).toBe(ino);
    writeFileSync(binary, '#!/bin/sh\necho LLMOS\n');
    utimesSync(binary, 1, 1);
    expect(await layReady({ binary: { path: binary } })).toHaveLength(1);
    expect(host.read('usr/local/bin/llmos')).toContain('LLMOS');
  });

  test('where RKE2 is installed, its folders are used', async () => {
    await layReady({ images: [{ path: binary }], registries: { mirrors: {} }, distribution: 'rke2' });
    expect(host.has('var/lib/rancher/rke2/agent/images/llmos-v0.3.1')).toBe(true);
    expect(host.has('etc/rancher/rke2/registries.yaml')).toBe(true);
  });

  test('registries with their passwords go to a file that root alone reads, and into no command', async () => {
    await layReady({ registries: { configs: { 'registry.example.com': { auth: { username: 'pull', password: 'hunter2' } } } } });
    expect(host.read('etc/rancher/k3s/registries.yaml')).toContain('password: hunter2');
    expect(statSync(host.file('etc/rancher/k3s/registries.yaml')).mode & 0o777).toBe(0o600);
    expect(shell.scripts.join('\n')).not.toContain('hunter2');
  });

  test('a full disk leaves what was there and says what the host said', async () => {
    host.standIn('cat', 'echo "cat: write error: No space left on device" >&2; exit 1');
    writeFileSync(binary, 'another');
    await expect(layReady({ binary: { path: binary } })).rejects.toThrow(/llmos-v0\.3\.1 cannot be uploaded: status 1 \(cat: write error: No space left on device\); mend that on the host/);
    expect(host.read('usr/local/bin/llmos')).toContain('LLMOS');
  });
});

describe('the files of an installer', () => {
  const keys = new Keys();
  const good = keys.path('llmos');
  const sha256 = createHash('sha256').update('llmos').digest('hex');
  beforeAll(() => writeFileSync(good, 'llmos'));
  afterAll(() => keys.remove());

  test('are right where they are there and as expected', async () => {
    expect(await installerFileProblems({ script: good, sha256, binary: { path: good, sha256: sha256.toUpperCase() }, images: [{ path: good }] })).toEqual([]);
  });

  test('are all looked at before anything is done', async () => {
    writeFileSync(keys.path('empty'), '');
    const problems = await installerFileProblems({
      script: keys.path('none'), binary: { path: good, sha256: '0'.repeat(64) }, images: [{ path: keys.folder }, { path: keys.path('empty') }],
    });
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(/^installer script \(.*none\): it cannot be read \(ENOENT\); /),
      expect.stringMatching(new RegExp(`^installer binary \\(.*llmos\\): its sha256 is ${sha256} where 0{64} is expected, so it is not uploaded; `)),
      expect.stringMatching(/^installer images \(.*\): it cannot be read \(it is no file\); /),
      expect.stringMatching(/^installer images \(.*empty\): it cannot be read \(it is empty\); /),
    ]);
  });
});
