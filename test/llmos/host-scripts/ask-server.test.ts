import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { askServerScript, parseServerAnswer } from '../../../src/llmos/host-scripts/ask-server';
import { MEMBER_HEALTH_SCRIPT, MEMBERS_SCRIPT } from '../../../src/llmos/host-scripts/control-plane';
import { FakeHost } from './fake-host';
import { HttpsServer } from './https-server';
import { processTexts } from './process-texts';

const TOKEN = 'to"ken\\with$(everything)`x`';
const clients = ['curl', 'wget'].filter(name => existsSync(`/usr/bin/${name}`));

describe.each(clients)('asking a server with %s', client => {
  let host: FakeHost;
  let server: HttpsServer;

  beforeEach(async () => {
    host = new FakeHost();
    server = new HttpsServer();
    await server.listen();
    // A host that has only this one of the two.
    for (const tool of ['sh', 'sed', 'head', 'cat', 'base64', 'tr', 'mktemp', 'rm', client]) symlinkSync(existsSync(`/usr/bin/${tool}`) ? `/usr/bin/${tool}` : `/bin/${tool}`, join(host.bin, tool));
    host.path = host.bin;
  });
  afterEach(async () => {
    await server.close();
    host.remove();
  });

  const ask = async (port = server.port) => {
    const script = askServerScript(`https://127.0.0.1:${port}`).replaceAll('8443', String(server.port));
    return parseServerAnswer((await host.run(script, `${TOKEN}\n`)).stdout);
  };
  const answers = (ping: string, status: number) => {
    server.answer = (request, response) => {
      if (request.url === '/ping') response.end(ping);
      else response.writeHead(status).end('{}');
    };
  };

  test('the operator is asked with the token, exactly as it is, once the server answers pong', async () => {
    answers('pong', 200);
    expect(await ask()).toEqual({ kind: 'ok' });
    expect(server.requests.map(({ url }) => url)).toEqual(['/ping', '/v1-cluster/cluster-info']);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, `Bearer ${TOKEN}`]);
  });

  test.each([401, 403])('status %i means that the token is refused', async status => {
    answers('pong', status);
    expect(await ask()).toEqual({ kind: 'token-refused' });
  });

  test.each([404, 503])('status %i means that the operator is not up yet', async status => {
    answers('pong', status);
    expect(await ask()).toEqual({ kind: 'operator-unready', reason: `LLMOS's operator (port 8443): it answers with status ${status}` });
  });

  test('an operator that does not answer is told from a server that does not', async () => {
    server.answer = (request, response) => (request.url === '/ping' ? response.end('pong') : request.socket.destroy());
    expect(await ask()).toMatchObject({ kind: 'operator-unready', reason: expect.stringMatching(/port 8443\): ./) });
  });

  test('a server that says something else than pong is not one', async () => {
    answers('<html>welcome</html>', 200);
    expect(await ask()).toEqual({ kind: 'unreachable', reason: '<html>welcome</html>' });
    expect(server.requests).toHaveLength(1);
  });

  test('a server that is down is unreachable, with the reason', async () => {
    expect(await ask(1)).toMatchObject({ kind: 'unreachable', reason: expect.stringMatching(/\S/) });
  });

  test('the token is in no argument and no environment while it is sent', async () => {
    const found: string[] = [];
    server.answer = (request, response) => {
      if (request.url !== '/ping') found.push(...processTexts().filter(text => text.includes('with$(everything)')));
      response.end('pong');
    };
    await ask();
    expect(server.requests).toHaveLength(2);
    expect(found).toEqual([]);
  });

  test('the member list is asked for with the server token, which no other process sees', async () => {
    host.write('var/lib/rancher/k3s/server/token', 'K10abc::server:s3cr3t-of-k3s\n', 0o600);
    const found: string[] = [];
    server.answer = (_request, response) => {
      found.push(...processTexts().filter(text => text.includes('s3cr3t-of-k3s') || text.includes(Buffer.from('server:s3cr3t-of-k3s').toString('base64'))));
      response.end('{"members":[]}');
    };
    const { stdout, code } = await host.run(MEMBERS_SCRIPT.replaceAll('6443', String(server.port)));
    expect({ stdout, code }).toEqual({ stdout: '{"members":[]}', code: 0 });
    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([['/db/info', `Basic ${Buffer.from('server:s3cr3t-of-k3s').toString('base64')}`]]);
    expect(found).toEqual([]);
  });

  test('a member list that is refused is a failure', async () => {
    server.answer = (_request, response) => response.writeHead(403).end('forbidden');
    expect((await host.run(MEMBERS_SCRIPT.replaceAll('6443', String(server.port)))).code).not.toBe(0);
  });

  test('health that is refused or does not come is a failure', async () => {
    const health = MEMBER_HEALTH_SCRIPT.replace('http://127.0.0.1:2381', `https://127.0.0.1:${server.port}`);
    server.answer = (_request, response) => response.end('{"health":"true"}');
    expect(await host.run(health)).toMatchObject({ code: 0, stdout: '{"health":"true"}' });
    server.answer = (_request, response) => response.writeHead(503).end('{"health":"false"}');
    expect((await host.run(health)).code).not.toBe(0);
  });
});

test('a host with neither curl nor wget says so', async () => {
  const host = new FakeHost();
  for (const tool of ['sh', 'sed', 'head']) symlinkSync(`/usr/bin/${tool}`, join(host.bin, tool));
  host.path = host.bin;
  expect(parseServerAnswer((await host.run(askServerScript('https://127.0.0.1:6443'), 'x\n')).stdout)).toEqual({ kind: 'unreachable', reason: 'the host has neither curl nor wget' });
  host.remove();
});
