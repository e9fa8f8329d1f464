import { answered, unanswered } from '../../../src/adapters/kubernetes/api-error';
import { refusedEviction } from '../../../src/adapters/kubernetes/eviction';

const refused = (code: number, status: object) => answered('https://127.0.0.1:6443', "evict pod 'shop/web-1'", code, JSON.stringify(status));

test('a disruption budget is named with its figures, which stand in the cause', () => {
  const error = refused(429, {
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 2 currently' }] },
  });
  expect(refusedEviction(error)).toEqual({ kind: 'blocked', reason: "budget 'web' allows 0 disruptions now: it needs 2 healthy pods and has 2" });
  expect(error.transient).toBe(false);
});

test('several budgets over one pod block it, and asking again at once is no use', () => {
  const said = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  expect(refusedEviction(refused(500, { message: said }))).toEqual({ kind: 'blocked', reason: said });
  expect(refused(500, { message: said }).transient).toBe(false);
  expect(refused(500, { message: 'etcdserver: leader changed' }).transient).toBe(true);
});

test('a pod that is gone, or whose name another pod has now, is gone', () => {
  expect(refusedEviction(refused(404, {}))).toEqual({ kind: 'gone' });
  expect(refusedEviction(refused(409, { message: 'the UID in the precondition does not match' }))).toEqual({ kind: 'gone' });
});

test('a pod whose namespace ends is waited for, and a missing right is an error', () => {
  const said = 'pods "web-1" is forbidden: unable to create new content in namespace shop because it is being terminated';
  expect(refusedEviction(refused(403, { message: said, details: { causes: [{ reason: 'NamespaceTerminating' }] } }))).toEqual({ kind: 'blocked', reason: said });
  expect(() => refusedEviction(refused(403, { message: 'may not' }))).toThrow('may not');
});

test('what is no answer of the API server is passed on', () => {
  const gone = unanswered('https://127.0.0.1:6443', "evict pod 'shop/web-1'", new Error('connect ECONNREFUSED'));
  expect(() => refusedEviction(gone)).toThrow(gone);
  const other = new TypeError('a mistake of ours');
  expect(() => refusedEviction(other)).toThrow(other);
});
