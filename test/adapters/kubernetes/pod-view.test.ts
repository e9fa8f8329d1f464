import { podView } from '../../../src/adapters/kubernetes/pod-view';

test('a pod is reduced to what a drain looks at', () => {
  expect(podView({
    metadata: {
      namespace: 'shop',
      name: 'web-1',
      uid: 'u1',
      deletionTimestamp: new Date(5_000),
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'o' },
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r', controller: true },
      ],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  })).toEqual({ namespace: 'shop', name: 'web-1', uid: 'u1', phase: 'Running', ready: true, ownerKind: 'ReplicaSet', deleting: true, endsBy: 5_000 });
});

test('a pod that nothing owns and no kubelet has seen is bare and not ready', () => {
  expect(podView({ metadata: { namespace: 'shop', name: 'job', uid: 'u2' } })).toEqual({
    namespace: 'shop', name: 'job', uid: 'u2', phase: 'Unknown', ready: false, ownerKind: undefined, deleting: false,
  });
});
