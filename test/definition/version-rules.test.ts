import { versionProblems } from '../../src/definition/version-rules';

const props = { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: 'prod.example.com' };

test.each([undefined, 1, 2, 200])('%p workers may be out of service at once', maxUnavailable => {
  expect(versionProblems({ ...props, maxUnavailable })).toEqual([]);
});

test.each([0, -1, 1.5, Number.NaN, '2' as unknown as number])('maxUnavailable %p is refused', maxUnavailable => {
  expect(versionProblems({ ...props, maxUnavailable })).toEqual([expect.objectContaining({
    subject: 'maxUnavailable', value: String(maxUnavailable), remedy: 'use a whole number from 1 on, or leave it out for 1',
  })]);
});

test('all that is wrong is said at once', () => {
  expect(versionProblems({ ...props, kubernetesVersion: '1.34', llmosVersion: 'latest', maxUnavailable: 0 }).map(({ subject }) => subject)).toEqual(['kubernetesVersion', 'llmosVersion', 'maxUnavailable']);
});
