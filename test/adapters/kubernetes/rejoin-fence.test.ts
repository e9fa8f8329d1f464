import type { ApiClient } from '../../../src/adapters/kubernetes/api-client';
import { answered } from '../../../src/adapters/kubernetes/api-error';
import { RejoinFence } from '../../../src/adapters/kubernetes/rejoin-fence';

const DENIED = "ValidatingAdmissionPolicy 'llmos-rejoin-fence' with binding 'llmos-rejoin-fence' denied request:";

/** The fence in front of an API server that answers the dry run so, or allows it. */
function fence(code?: number, message = ''): RejoinFence {
  const client = {
    call: async () => {
      if (code !== undefined) {
        throw answered('https://127.0.0.1:6443', 'try', code, { message });
      }
    },
  } as unknown as ApiClient;
  return new RejoinFence(client, client, 0);
}

test('the fence holds where its own rule refuses the name', async () => {
  expect(await fence(403, `nodes "w1" is forbidden: ${DENIED} node w1 was removed from this cluster`).holds('w1')).toBe(true);
});

test.each([
  ['lets the node through', undefined, ''],
  ['lets it through and finds a node of that name', 409, 'nodes "w1" already exists'],
  ['refuses every node because the policy cannot be evaluated', 422, `nodes "w1" is forbidden: ${DENIED} failed to configure binding: no params found`],
])('the fence does not hold where the API server %s', async (_, code, message) => {
  expect(await fence(code, message).holds('w1')).toBe(false);
});

test.each([
  ["another policy's", 'nodes "w1" is forbidden: ValidatingAdmissionPolicy \'names\' with binding \'names\' denied request: no'],
  ["a missing right's", 'nodes is forbidden: User "u" cannot create resource "nodes"'],
])('%s refusal is no proof and no denial, but an error', async (_, message) => {
  await expect(fence(403, message).holds('w1')).rejects.toThrow(message);
});
