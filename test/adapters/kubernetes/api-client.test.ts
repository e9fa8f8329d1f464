import { connectKubernetes } from '../../../src/adapters/kubernetes/connect';
import { HttpsServer } from '../../llmos/host-scripts/https-server';

describe('requests to an API server', () => {
  const server = new HttpsServer();

  beforeAll(() => server.listen());
  afterAll(() => server.close());

  test('share a few connections, however many there are', async () => {
    server.answer = (_request, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ metadata: { uid: 'u1' } }));
    const api = await connectKubernetes({ kubeconfig: JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'a', contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }], users: [{ name: 'a', user: { token: 't' } }],
      clusters: [{ name: 'a', cluster: { server: `https://127.0.0.1:${server.port}`, 'insecure-skip-tls-verify': true } }],
    }) });
    for (let request = 0; request < 5; request += 1) await api.identity();
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBe(1);

    await Promise.all(Array.from({ length: 100 }, () => api.identity()));
    expect(server.requests).toHaveLength(105);
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBeLessThanOrEqual(10);
    await api.close();
  });
});
