import { SshConnection } from '../../../src/adapters/ssh/connection';
import { endpoint } from '../../../src/adapters/ssh/options';
import { Shell } from '../../../src/adapters/ssh/shell';
import { haveSshd, Keys, Sshd } from './sshd';

const describeWithSshd = haveSshd() ? describe : describe.skip;

describeWithSshd('many commands at once over one connection (a real sshd, package openssh-server)', () => {
  const keys = new Keys();
  afterAll(() => keys.remove());

  test.each([['as OpenSSH is installed', []], ['that allows two', ['MaxSessions 2']]])('all run on a host %s', async (_, settings) => {
    const key = keys.make(`user-${settings.length}`);
    const sshd = await Sshd.start(keys, `host-${settings.length}`, { settings });
    sshd.authorize(keys.publicHalf(key));
    const connection = new SshConnection(endpoint({ address: sshd.address, port: sshd.port, user: sshd.user, hostKey: sshd.publicHostKey }, {}), { privateKeyPath: key });
    try {
      const shell = new Shell(connection, false);
      const numbers = Array.from({ length: 30 }, (__, number) => number);
      const said = await Promise.all(numbers.map(async number => (await shell.run(`echo ${number}`)).stdout.trim()));
      expect(said).toEqual(numbers.map(String));
    } finally {
      await connection.close();
      await sshd.stop();
    }
  });
});
