import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { SshConnection } from '../../../src/adapters/ssh/connection';
import { HostUnreachable } from '../../../src/adapters/ssh/connection-problems';
import { forward } from '../../../src/adapters/ssh/forward';
import { endpoint, type SshOptions, type SshTarget } from '../../../src/adapters/ssh/options';
import { Shell } from '../../../src/adapters/ssh/shell';
import { Problem } from '../../../src/problem';
import { freePort, haveSshd, Keys, Sshd } from './sshd';
import { processTexts } from '../../llmos/host-scripts/process-texts';

const describeWithSshd = haveSshd() ? describe : describe.skip;

describeWithSshd('SSH against a real sshd (package openssh-server)', () => {
  const keys = new Keys();
  const opened: SshConnection[] = [];
  let sshd: Sshd;
  let key: string;

  function connection(options: SshOptions = {}, target: Partial<SshTarget> = {}, bastion?: SshConnection): SshConnection {
    const host = endpoint({ address: sshd.address, port: sshd.port, user: sshd.user, hostKey: sshd.publicHostKey, ...target }, options);
    const made = new SshConnection(host, { privateKeyPath: key, ...options }, bastion);
    opened.push(made);
    return made;
  }
  const shell = (...args: Parameters<typeof connection>) => new Shell(connection(...args), false);
  const refusal = async (attempt: Promise<unknown>) => {
    const error = await attempt.then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message;
  };
  const uptime = 'cat /proc/sys/kernel/ostype';

  beforeAll(async () => {
    key = keys.make('user');
    sshd = await Sshd.start(keys, 'first');
    sshd.authorize(keys.publicHalf(key));
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(each => each.close()));
  });
  afterAll(async () => {
    await sshd.stop();
    keys.remove();
  });

  describe('logging in', () => {
    test('a private key from a file opens the connection', async () => {
      expect((await shell().run(uptime)).stdout).toBe('Linux\n');
    });

    test('a private key given as text opens the connection', async () => {
      expect((await shell({ privateKey: readFileSync(key, 'utf8') }).run(uptime)).stdout).toBe('Linux\n');
    });

    test('a passphrase opens an encrypted key', async () => {
      const encrypted = keys.make('encrypted', { passphrase: 'open sesame' });
      sshd.authorize(keys.publicHalf(encrypted));
      expect((await shell({ privateKeyPath: encrypted, passphrase: 'open sesame' }).run(uptime)).stdout).toBe('Linux\n');
      expect(await refusal(shell({ privateKeyPath: encrypted }).run(uptime))).toMatch(/encrypted and no passphrase is given; set `passphrase`/);
      expect(await refusal(shell({ privateKeyPath: encrypted, passphrase: 'wrong' }).run(uptime))).toMatch(/the passphrase does not open it/);
    });

    test('the SSH agent opens the connection', async () => {
      const held = keys.make('held-by-agent');
      sshd.authorize(keys.publicHalf(held));
      const socket = keys.path('agent.sock');
      const started = execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' });
      try {
        execFileSync('ssh-add', ['-q', held], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
        expect((await shell({ privateKeyPath: undefined, agentSocket: socket }).run(uptime)).stdout).toBe('Linux\n');
      } finally {
        process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(started)![1]));
      }
    });

    test('a key the host does not know is refused with what to check', async () => {
      const message = await refusal(shell({ privateKeyPath: keys.make('stranger') }).run(uptime));
      expect(message).toMatch(/it refuses user '.+' with .*stranger; check `user`, and that the public key is in .*authorized_keys/);
    });

    test('an agent that does not answer is named when nothing else lets us in', async () => {
      const message = await refusal(shell({ privateKeyPath: undefined, agentSocket: keys.path('no-agent') }).run(uptime));
      expect(message).toMatch(/the SSH agent/);
    });

    test('a key file that is not there is named before anything is dialled', async () => {
      expect(await refusal(shell({ privateKeyPath: keys.path('nowhere') }).run(uptime))).toMatch(/nowhere\): it cannot be read \(ENOENT\)/);
    });

    test('a public key in place of the private one is told', async () => {
      writeFileSync(keys.path('garbage'), 'no key at all');
      expect(await refusal(shell({ privateKeyPath: keys.path('garbage') }).run(uptime))).toMatch(/no private key in OpenSSH or PEM format/);
    });
  });

  describe('host keys', () => {
    const unpinned = (options: SshOptions) => shell(options, { hostKey: undefined });

    test('a key that is not known is refused, and the line in the message makes it known', async () => {
      const knownHostsPath = keys.path('known_hosts');
      writeFileSync(knownHostsPath, '');
      const message = await refusal(unpinned({ knownHostsPath }).run(uptime));
      const print = execFileSync('ssh-keygen', ['-lf', `${sshd.hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
      expect(message).toContain(print);
      const line = message.split('\n').at(-1)!;
      expect(line).toBe(sshd.knownHostsLine);
      writeFileSync(knownHostsPath, `${line}\n`);
      expect((await unpinned({ knownHostsPath }).run(uptime)).stdout).toBe('Linux\n');
    });

    test('a line that OpenSSH has hashed is understood', async () => {
      const knownHostsPath = keys.path('known_hosts_hashed');
      writeFileSync(knownHostsPath, `${sshd.knownHostsLine}\n`);
      execFileSync('ssh-keygen', ['-H', '-f', knownHostsPath], { stdio: 'ignore' });
      expect(readFileSync(knownHostsPath, 'utf8')).toMatch(/^\|1\|/);
      expect((await unpinned({ knownHostsPath }).run(uptime)).stdout).toBe('Linux\n');
    });

    test('a changed key is told from an unknown one', async () => {
      const knownHostsPath = keys.path('known_hosts_old');
      const other = keys.publicHalf(keys.make('old-host-key')).split(' ').slice(0, 2).join(' ');
      writeFileSync(knownHostsPath, `[${sshd.address}]:${sshd.port} ${other}\n`);
      expect(await refusal(unpinned({ knownHostsPath }).run(uptime))).toMatch(/its host key has changed/);
    });

    test('a revoked key is refused', async () => {
      const knownHostsPath = keys.path('known_hosts_revoked');
      writeFileSync(knownHostsPath, `${sshd.knownHostsLine}\n@revoked * ${sshd.publicHostKey}\n`);
      expect(await refusal(unpinned({ knownHostsPath }).run(uptime))).toMatch(/its host key is revoked/);
    });

    test('a pinned fingerprint is enough', async () => {
      const print = execFileSync('ssh-keygen', ['-lf', `${sshd.hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
      expect((await shell({}, { hostKey: print }).run(uptime)).stdout).toBe('Linux\n');
      const wrong = `SHA256:${'A'.repeat(43)}`;
      expect(await refusal(shell({}, { hostKey: wrong }).run(uptime))).toMatch(/changed: it is not the one of the given hostKey/);
    });

    test('the key type that is known is asked for, whatever others the host has', async () => {
      const rsa = await Sshd.start(keys, 'rsa', { hostKeyType: 'rsa' });
      rsa.authorize(keys.publicHalf(key));
      try {
        expect((await shell({}, { port: rsa.port, hostKey: rsa.publicHostKey }).run(uptime)).stdout).toBe('Linux\n');
      } finally {
        await rsa.stop();
      }
    });

    test('a hostKey that is none is refused before anything is dialled', async () => {
      expect(await refusal(shell({}, { hostKey: 'aa:bb:cc' }).run(uptime))).toMatch(/neither a public key nor the fingerprint of one/);
    });
  });

  describe('hosts that do not answer', () => {
    test('a host that is down is told', async () => {
      const attempt = shell({}, { port: await freePort() }).run(uptime);
      await expect(attempt).rejects.toBeInstanceOf(HostUnreachable);
      await expect(attempt).rejects.toThrow(/does not answer over SSH \(.*ECONNREFUSED.*\); check that it is on/);
    });

    test('a host that accepts and then says nothing ends at the dial timeout', async () => {
      const silent = createTcpServer();
      await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = silent.address() as AddressInfo;
        await expect(shell({ dialTimeoutSeconds: 0.2 }, { port }).run(uptime)).rejects.toBeInstanceOf(HostUnreachable);
      } finally {
        silent.close();
      }
    });

    test('a connection that dropped is opened again', async () => {
      const again = shell();
      await again.run(uptime);
      sshd.dropSessions();
      await expect(again.run('sleep 60')).rejects.toBeInstanceOf(HostUnreachable);
      expect((await again.run(uptime)).stdout).toBe('Linux\n');
    });

    test('a command that is cut off says so and does not pass for a success', async () => {
      await expect(shell().run('echo begun; sleep 60', { onLine: () => sshd.dropSessions() })).rejects.toThrow(/connection was lost/);
    });
  });

  describe('through a bastion', () => {
    let gate: Sshd;

    beforeAll(async () => {
      gate = await Sshd.start(keys, 'gate');
      gate.authorize(keys.publicHalf(key));
    });
    afterAll(() => gate.stop());

    const bastion = (target: Partial<SshTarget> = {}) => connection({}, { port: gate.port, hostKey: gate.publicHostKey, ...target });

    test('machines are reached, and its connection ends with the last of them', async () => {
      const through = bastion();
      const one = connection({}, {}, through);
      const two = connection({}, {}, through);
      expect((await new Shell(one, false).run(uptime)).stdout).toBe('Linux\n');
      expect((await new Shell(two, false).run(uptime)).stdout).toBe('Linux\n');
      const shared = await through.client();
      const ended = new Promise<void>(resolve => shared.once('close', () => resolve()));
      await one.close();
      expect(await through.client()).toBe(shared);
      await two.close();
      await ended;
    });

    test('its own host key is checked as well', async () => {
      const message = await refusal(shell({}, {}, bastion({ hostKey: sshd.publicHostKey })).run(uptime));
      expect(message).toContain(`:${gate.port}`);
      expect(message).toMatch(/its host key has changed/);
    });

    test('a machine it cannot reach is named, and so is the bastion', async () => {
      const port = await freePort();
      const message = await refusal(shell({}, { port }, bastion()).run(uptime));
      expect(message).toContain(`:${port}: it does not answer`);
      expect(message).toContain(`bastion ${gate.user}@127.0.0.1:${gate.port}`);
    });
  });

  describe('commands', () => {
    test('output, errors and status come back apart', async () => {
      expect(await shell().run(`printf 'ä\\nb'; echo oops >&2; exit 7`)).toEqual({ code: 7, stdout: 'ä\nb', stderr: 'oops\n' });
    });

    test('a command that a signal ended is told from one that failed, and what it printed is not shown', async () => {
      expect(await shell().run('kill -TERM $$')).toMatchObject({ signal: 'SIGTERM' });
      expect(await refusal(shell().need('asking', 'echo s3cret; kill -TERM $$'))).toMatch(/asking was ended by SIGTERM \(it said nothing\)/);
      expect(await refusal(shell().need('asking', 'echo s3cret; echo why >&2; exit 3'))).toMatch(/asking failed with status 3 \(why\)/);
    });

    test('lines are told as they come', async () => {
      const lines: string[] = [];
      await shell().run(`printf 'one\\ntw'; printf 'o\\nthree'`, { onLine: line => lines.push(line) });
      expect(lines).toEqual(['one', 'two', 'three']);
    });

    test('standard input arrives whole', async () => {
      const text = 'x'.repeat(300_000);
      expect((await shell().run('wc -c', { input: text })).stdout.trim()).toBe('300000');
    });

    test('a command that takes too long is given up', async () => {
      expect(await refusal(shell().run('sleep 60', { timeoutSeconds: 0.2 }))).toMatch(/did not end within 0.2 s/);
    });

    test('a secret on standard input is in no argument and no environment of any process', async () => {
      const secret = `s3cret-${Date.now()}`;
      const gate = keys.path('held');
      execFileSync('mkfifo', [gate]);
      const found: string[] = [];
      // Looks while the command is held, then lets it go on.
      const look = () => {
        found.push(...processTexts().filter(text => text.includes(secret)));
        writeFileSync(gate, 'go\n');
      };
      await shell().run(`IFS= read -r token; printf 'user = "%s"' "$token" | { cat >/dev/null; echo ready; read -r go <${gate}; }`, { input: `${secret}\n`, onLine: look });
      expect(found).toEqual([]);
      // The search itself works: what stands in an argument is found.
      await shell().run(`: ${secret}; echo ready; read -r go <${gate}`, { onLine: look });
      expect(found).not.toEqual([]);
    });

    test('sudo that wants a password is told, with the line that mends it', async () => {
      const bin = keys.path('bin');
      mkdirSync(bin);
      writeFileSync(`${bin}/sudo`, '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n', { mode: 0o755 });
      const strict = await Sshd.start(keys, 'strict', { path: `${bin}:/usr/bin:/bin` });
      strict.authorize(keys.publicHalf(key));
      try {
        const asUser = new Shell(connection({}, { port: strict.port, hostKey: strict.publicHostKey }), true);
        expect(await refusal(asUser.need('looking', 'true'))).toMatch(/\(sudo: a password is required\): root is needed there.*NOPASSWD/);
        writeFileSync(`${bin}/sudo`, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
        expect(await asUser.need('looking', `echo "it's me"`)).toBe("it's me\n");
      } finally {
        await strict.stop();
      }
    });
  });

  describe('forwarded ports', () => {
    test('a port here leads to the port on the loopback there, and is closed with its connections', async () => {
      const web = createServer((_request, response) => response.end('hello from the host'));
      await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve));
      const forwarded = await forward(connection(), (web.address() as AddressInfo).port);
      const url = `http://127.0.0.1:${forwarded.port}/`;
      expect(await (await fetch(url)).text()).toBe('hello from the host');
      await forwarded.close();
      await expect(fetch(url)).rejects.toThrow();
      web.closeAllConnections();
      await new Promise(resolve => web.close(resolve));
    });

    test('a port nobody listens on there ends the connection here', async () => {
      const forwarded = await forward(connection(), await freePort());
      await expect(fetch(`http://127.0.0.1:${forwarded.port}/`)).rejects.toThrow();
      await forwarded.close();
    });
  });
});
