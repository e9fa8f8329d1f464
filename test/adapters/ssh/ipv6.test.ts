import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { connectSsh } from '../../../src/adapters/ssh';
import { SshConnection } from '../../../src/adapters/ssh/connection';
import { endpoint } from '../../../src/adapters/ssh/options';
import { Shell } from '../../../src/adapters/ssh/shell';
import { haveSshd, Keys, Sshd } from './sshd';

const haveIpv6 = Object.values(networkInterfaces()).flat().some(each => each?.address === '::1');
const describeWithSshd = haveSshd() && haveIpv6 ? describe : describe.skip;

describeWithSshd('SSH over IPv6 (a real sshd on ::1, package openssh-server)', () => {
  const keys = new Keys();
  let sshd: Sshd;
  let key: string;

  beforeAll(async () => {
    key = keys.make('user');
    sshd = await Sshd.start(keys, 'host', { address: '::1' });
    sshd.authorize(keys.publicHalf(key));
  });
  afterAll(async () => {
    await sshd.stop();
    keys.remove();
  });

  test('a host is reached by its bare address and known by it in known_hosts', async () => {
    const knownHostsPath = keys.path('known_hosts');
    writeFileSync(knownHostsPath, `${sshd.knownHostsLine}\n`);
    expect(sshd.knownHostsLine).toMatch(/^\[::1\]:\d+ ssh-ed25519 /);
    const machine = connectSsh({ user: sshd.user, privateKeyPath: key, knownHostsPath })({ address: '::1', port: sshd.port });
    try {
      expect((await machine.facts()).hostname).not.toBe('');
      expect(machine.label).toBe(`${sshd.user}@[::1]:${sshd.port}`);
    } finally {
      await machine.close();
    }
  });

  test('a bastion reaches a host by its IPv6 address', async () => {
    const options = { user: sshd.user, privateKeyPath: key };
    const target = { address: '::1', port: sshd.port, hostKey: sshd.publicHostKey };
    const bastion = new SshConnection(endpoint(target, options), options);
    const behind = new SshConnection(endpoint(target, options), options, bastion);
    try {
      const { stdout } = await new Shell(behind, false).run('echo "$SSH_CONNECTION"');
      expect(stdout).toMatch(/^::1 \d+ ::1 \d+\n$/);
    } finally {
      await behind.close();
      await bastion.close();
    }
  });
});

describeWithSshd('a host that takes no keys', () => {
  test('is refused with what it takes instead', async () => {
    const keys = new Keys();
    const sshd = await Sshd.start(keys, 'host', { settings: ['PubkeyAuthentication no', 'PasswordAuthentication yes'] });
    const connection = new SshConnection(endpoint({ address: sshd.address, port: sshd.port, user: sshd.user, hostKey: sshd.publicHostKey }, {}), { privateKeyPath: keys.make('user') });
    try {
      await expect(connection.client()).rejects.toThrow(/\(password\): it does not take keys from user '.+', and this library logs in with nothing else; allow keys/);
    } finally {
      await connection.close();
      await sshd.stop();
      keys.remove();
    }
  });
});
