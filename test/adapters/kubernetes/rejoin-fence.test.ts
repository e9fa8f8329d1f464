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

describe('the list of removed nodes', () => {
  /** The ConfigMap, as merge patches change it. */
  function listed(data: Record<string, string> = {}): { fence: RejoinFence; data: () => Record<string, string>; patches: () => number } {
    let patches = 0;
    const core = {
      readNamespacedConfigMap: async () => ({ data: { ...data } }),
      patchNamespacedConfigMap: async ({ body }: { body: { data: Record<string, string | null> } }) => {
        patches += 1;
        data = Object.fromEntries(Object.entries({ ...data, ...body.data }).filter((entry): entry is [string, string] => entry[1] !== null));
      },
    };
    const client = {
      call: async (_: string, work: (apis: object) => Promise<unknown>) => work({ core, objects: { read: async () => ({}) } }),
      patchAs: () => undefined,
    } as unknown as ApiClient;
    return { fence: new RejoinFence(client, client, 0), data: () => data, patches: () => patches };
  }

  test('a name is added once, with the date on which its removal began', async () => {
    const { fence: list, data, patches } = listed();
    await list.add('m2', { removal: 'clean' });
    const first = data().m2;
    await list.add('m2', { removal: 'clean' });
    expect(data()).toEqual({ m2: first });
    expect(patches()).toBe(1);
  });

  test('what is remembered of its machine replaces what was, and the date stays', async () => {
    const { fence: list } = listed({ m2: '2026-05-01T08:00:00.000Z' });
    await list.add('m2', { removal: 'unreachable', machineId: 'f1', tokenRotation: 'due' });
    expect(await list.removed()).toEqual([{ name: 'm2', fenced: true, removedAt: '2026-05-01T08:00:00.000Z', removal: 'unreachable', machineId: 'f1', tokenRotation: 'due' }]);
  });

  test('a name that joins again is let in, and the token that has to be changed is not forgotten before it was', async () => {
    const { fence: list, data } = listed();
    await list.add('m2', { removal: 'unreachable', tokenRotation: 'due' });
    await list.remove('m2');
    expect(Object.hasOwn(data(), 'm2')).toBe(false);
    expect(await list.removed()).toMatchObject([{ name: 'm2', fenced: false, tokenRotation: 'due' }]);
    await list.beginTokenChange('m1', await list.removed());
    expect(await list.tokenChangedBy()).toBe('m1');
    expect(await list.removed()).toMatchObject([{ name: 'm2', fenced: false, tokenRotation: 'begun' }]);
    await list.endTokenChange(await list.removed());
    expect(await list.tokenChangedBy()).toBeUndefined();
    expect(data()).toEqual({});
  });

  test('nothing is written where nothing changes', async () => {
    const { fence: list, patches } = listed({ m2: '2026-05-01T08:00:00.000Z' });
    await list.remove('m9');
    expect(patches()).toBe(0);
  });
});
