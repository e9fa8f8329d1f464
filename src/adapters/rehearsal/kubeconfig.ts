import { stringify } from 'yaml';

/** An administrator's kubeconfig as k3s writes it, apart from its credentials, which say what they are and open nothing. */
export function simulatedKubeconfig(port: number): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default', cluster: { server: `https://127.0.0.1:${port}` } }],
    users: [{ name: 'default', user: { token: 'simulated-by-a-rehearsal-and-valid-nowhere' } }],
    contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
    'current-context': 'default',
  });
}
