import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RESTART_IF_DUE_SCRIPT, ROTATE_TOKEN_SCRIPT } from '../../../src/llmos/host-scripts/join-token';
import { RESTART_DUE_SCRIPT } from '../../../src/llmos/host-scripts/restart-runtime';
import { FakeHost } from './fake-host';
import { HttpsServer } from './https-server';
import { processTexts } from './process-texts';

const NEXT = 'var/lib/llmos/next-token';
const TOOLS = ['sh', 'sed', 'cat', 'base64', 'tr', 'od', 'wc', 'cp', 'mv', 'rm', 'mkdir', 'dirname', 'mktemp', 'sync'];
const clients = ['curl', 'wget'].filter(name => existsSync(`/usr/bin/${name}`));
const basic = (token: string) => `Basic ${Buffer.from(`server:${token}`).toString('base64')}`;

describe.each(clients)('changing the join token with %s', client => {
  let host: FakeHost;
  let server: HttpsServer;
  /** What the supervisor takes, and what it was asked to take. */
  let taken: string;
  let asked: string[];
  /** Makes the answer to a PUT get lost or fail. */
  let answerPut: number | 'lost';
  const leaks: string[] = [];

  beforeEach(async () => {
    host = new FakeHost();
    server = new HttpsServer();
    await server.listen();
    for (const tool of [...TOOLS, client]) symlinkSync(existsSync(`/usr/bin/${tool}`) ? `/usr/bin/${tool}` : `/bin/${tool}`, join(host.bin, tool));
    host.path = host.bin;
    host.write('var/lib/rancher/k3s/server/token', 'K10abc::server:old\n', 0o600);
    [taken, asked, answerPut] = ['old', [], 200];
    server.answer = (request, response) => {
      const refusal = request.headers.authorization !== basic(taken) ? 401 : 405;
      if (refusal === 401 || request.method !== 'PUT') {
        response.writeHead(refusal).end();
        return;
      }
      let body = '';
      request.on('data', chunk => (body += chunk)).on('end', () => {
        const { newToken } = JSON.parse(body) as { newToken: string };
        leaks.push(...processTexts().filter(text => text.includes(newToken) || text.includes(basic(taken).slice(6))));
        asked.push(newToken);
        // As k3s does: the supervisor's own token first, then the data.
        taken = newToken;
        host.write('var/lib/rancher/k3s/server/token', `K10abc::server:${newToken}\n`, 0o600);
        if (answerPut === 'lost') request.socket.destroy();
        else response.writeHead(answerPut).end();
      });
    };
  });
  afterEach(async () => {
    await server.close();
    host.remove();
  });

  const rotate = (port = server.port) => host.run(ROTATE_TOKEN_SCRIPT.replaceAll('6443', String(port)));

  test('the supervisor gets a new one of the host\'s own randomness, which no process shows', async () => {
    const { code, stdout, stderr } = await rotate();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[0-9a-f]{32}$/);
    expect(asked).toEqual([stdout]);
    expect(server.requests.every(({ url }) => url === '/v1-k3s/token')).toBe(true);
    expect(leaks).toEqual([]);
    expect(host.mode(NEXT)).toBe('600');
    expect(readdirSync(host.file('run/llmos-nodes'))).toEqual([]);
    expect(readdirSync(host.file('var/lib/llmos'))).toEqual(['next-token']);
  });

  test('it is on the disk before the supervisor hears of it', async () => {
    const answer = server.answer;
    let onDisk = '';
    server.answer = (request, response) => {
      if (request.method === 'PUT') onDisk = host.read(NEXT);
      return answer(request, response);
    };
    expect((await rotate()).stdout).toBe(onDisk);
    expect(onDisk).toHaveLength(32);
  });

  test('one whose answer got lost is found again, and the supervisor is made sure of it', async () => {
    answerPut = 'lost';
    expect((await rotate()).code).not.toBe(0);
    answerPut = 200;
    const { code, stdout } = await rotate();
    expect({ code, stdout }).toEqual({ code: 0, stdout: taken });
    expect(asked).toEqual([stdout, stdout]);
  });

  test('one that the data could not follow is a failure, and the same one is tried again', async () => {
    answerPut = 500;
    const refused = await rotate();
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toBe('');
    answerPut = 200;
    expect((await rotate()).stdout).toBe(asked[0]);
  });

  test('a server that refuses its old config since the change took effect gives the token from its own file', async () => {
    const { stdout } = await rotate();
    expect(await rotate(1)).toMatchObject({ code: 0, stdout });
  });

  test('a server that does not answer is a failure, with the reason', async () => {
    const { code, stdout, stderr } = await rotate(1);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/its supervisor does not answer \(.+\)/);
  });

  test('RKE2 is asked at its own supervisor', async () => {
    host.write('var/lib/rancher/rke2/server/token', 'K10abc::server:old\n', 0o600);
    const { code } = await host.run(ROTATE_TOKEN_SCRIPT.replaceAll('9345', String(server.port)));
    expect(code).toBe(0);
    expect(server.requests.every(({ url }) => url === '/v1-rke2/token')).toBe(true);
  });
});

describe('taking a new join token into use', () => {
  let host: FakeHost;

  beforeEach(() => {
    host = new FakeHost();
    // Systemd as far as a restart shows: another invocation, and active once its start is through.
    host.standIn('systemctl', `
cd '${host.file('systemd')}'
unit=$2; case $1 in
  show) for word; do case $word in -p|show) ;; *.service) unit=$word ;; *) wanted=$word ;; esac; done
    [ -e "$unit" ] || { echo LoadState=not-found; exit; }
    if [ "$wanted" = ActiveState ] && [ -e starting ]; then left=$(cat starting); if [ "$left" -gt 0 ]; then echo $((left - 1)) >starting; echo ActiveState=activating; exit; fi; fi
    grep "^$wanted=" "$unit" ;;
  restart) echo "$*" >>log; for unit; do :; done; sed -i 's/^InvocationID=.*/InvocationID=after/;s/^ActiveState=.*/ActiveState=active/' "$unit"; echo 2 >starting ;;
esac`);
    host.standIn('sleep', `echo slept >>'${host.file('systemd/log')}'`);
    host.standIn('journalctl', 'echo "fatal: bootstrap data already found and encrypted with different token"');
    unit('k3s.service', 'active');
  });
  afterEach(() => host.remove());

  const unit = (name: string, state: string) => host.write(`systemd/${name}`, `LoadState=loaded\nActiveState=${state}\nInvocationID=before\n`);
  const restart = () => host.run(RESTART_IF_DUE_SCRIPT);

  test('nothing is restarted that runs with it already', async () => {
    expect(await restart()).toMatchObject({ code: 0, stderr: '' });
    expect(host.asked).toEqual([]);
  });

  test('the runtime is restarted once and waited for until it is up', async () => {
    await host.run(RESTART_DUE_SCRIPT);
    expect(await restart()).toMatchObject({ code: 0, stderr: '' });
    expect(host.asked).toEqual(['restart --no-block k3s.service', 'slept', 'slept']);
    expect((await restart()).code).toBe(0);
    expect(host.asked).toHaveLength(3);
  });

  test('a runtime that failed is restarted too, and one that somebody stopped is left', async () => {
    unit('k3s.service', 'failed');
    unit('rke2-agent.service', 'inactive');
    await host.run(RESTART_DUE_SCRIPT);
    await restart();
    expect(host.asked.filter(line => line.startsWith('restart'))).toEqual(['restart --no-block k3s.service']);
  });

  test('a runtime that does not come up is a failure with its last words, and stays due', async () => {
    await host.run(RESTART_DUE_SCRIPT);
    host.standIn('systemctl', `for word; do case $word in LoadState) echo LoadState=loaded ;; ActiveState) echo ActiveState=activating ;; esac; done`);
    const { code, stderr } = await host.run(RESTART_IF_DUE_SCRIPT.replaceAll('300', '2'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'k3s.service is not up after 2 s; last it said: fatal: bootstrap data already found and encrypted with different token\n' });
    expect(host.has('run/llmos-nodes/restart-due')).toBe(true);
  });

  test('no token is kept aside any more: neither the one that is in use now nor one that this host would have changed to', async () => {
    for (const token of ['new', 'other']) {
      host.write(NEXT, token, 0o600);
      await restart();
      expect(host.has(NEXT)).toBe(false);
    }
  });
});
