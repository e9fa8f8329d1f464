import { connectKubernetes, readKubeconfig } from '../../../src/adapters/kubernetes/connect';
import { ServiceAccountCredential } from '../../../src/adapters/kubernetes/credential';

const SECRET = 'c2VjcmV0LWtleQ==';

function kubeconfig(server = 'https://127.0.0.1:6443', context = 'a') {
  return `
apiVersion: v1
kind: Config
clusters: [{ name: a, cluster: { server: '${server}', certificate-authority-data: Q0E= } }, { name: b, cluster: { server: 'https://192.0.2.1' } }]
users: [{ name: a, user: { client-certificate-data: Q1JU, client-key-data: ${SECRET} } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
current-context: ${context}
`;
}

test('the server of a kubeconfig is replaced and its certificate authority stays', async () => {
  const kubernetes = await import('@kubernetes/client-node');
  const config = readKubeconfig(kubernetes, { kubeconfig: kubeconfig(), server: 'https://127.0.0.1:40123/', tlsServerName: 'm1' });
  expect(config.getCurrentCluster()).toMatchObject({ server: 'https://127.0.0.1:40123', caData: 'Q0E=', tlsServerName: 'm1', skipTLSVerify: false });
  expect(config.getCurrentUser()).toMatchObject({ keyData: SECRET });
});

test.each([
  ['text that is no YAML', `users: [ ${SECRET}`, 'kubeconfig: it is not a kubeconfig'],
  ['an empty text', '', 'kubeconfig: it is not a kubeconfig'],
  ['a context that is not there', kubeconfig(undefined, 'z'), 'kubeconfig: its current context names no cluster and user of it'],
  ['a server in the open', kubeconfig('http://127.0.0.1:8080'), 'kubeconfig (http://127.0.0.1:8080): its server must be reached by https'],
])('%s is refused without quoting any of it', async (_, text, message) => {
  const error = await connectKubernetes({ kubeconfig: text }).catch((reason: Error) => reason) as Error;
  expect(error.message).toContain(message);
  expect(error.stack).not.toContain(SECRET);
});

test("the account's token is shared, and renewed before it ends", async () => {
  const kubernetes = await import('@kubernetes/client-node');
  const given = readKubeconfig(kubernetes, { kubeconfig: kubeconfig() });
  let now = 0;
  let issued = 0;
  const credential = new ServiceAccountCredential(given, kubernetes, async (seconds) => ({ token: `t${++issued}`, expiresAt: now + seconds * 1000 }), () => now);

  const [first, same] = await Promise.all([credential.current(), credential.current()]);
  expect(same).toBe(first);
  expect(first.getCurrentUser()).toMatchObject({ token: 't1' });
  expect(first.getCurrentUser()!.keyData).toBeUndefined();

  now = 49 * 60_000;
  expect(await credential.current()).toBe(first);
  now = 51 * 60_000;
  expect((await credential.current()).getCurrentUser()).toMatchObject({ token: 't2' });
});

test('a token that could not be renewed is asked for again', async () => {
  const kubernetes = await import('@kubernetes/client-node');
  const given = readKubeconfig(kubernetes, { kubeconfig: kubeconfig() });
  let away = true;
  const credential = new ServiceAccountCredential(given, kubernetes, async () => {
    if (away) {
      throw new Error('away');
    }
    return { token: 't', expiresAt: Date.now() + 3_600_000 };
  });
  await expect(credential.current()).rejects.toThrow('away');
  away = false;
  expect((await credential.current()).getCurrentUser()).toMatchObject({ token: 't' });
});
