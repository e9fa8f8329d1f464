/** An app of one pod that would rather run on this node than on another: what a drain has to move. */
export function appOn(node: string): object {
  const labels = { app: 'app' };
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'app', namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 100, preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] } },
              ],
            },
          },
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'app', image: 'lab.local/app:1', imagePullPolicy: 'Never' }],
        },
      },
    },
  };
}

/** Keeps the app's pod where it is for as long as the budget exists. */
export const BUDGET = {
  apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'app', namespace: 'default' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'app' } } },
};
