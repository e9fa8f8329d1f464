import type { Machine } from '../../src/membership/ports/machine';
import type { ClusterApi } from '../../src/membership/ports/cluster-api';
import type { Server } from '../../src/membership/session';
import { snapshotBefore } from '../../src/membership/snapshot';
import { target } from './scene';

const server = (snapshot: Machine['snapshot']): Server => ({ node: target('m1'), machine: { label: 'ops@10.0.1.1:22', snapshot } as Machine, api: {} as ClusterApi });

test('a snapshot is named after what it is taken before, and its place begins with the node that has it', async () => {
  expect(await snapshotBefore(server(async name => `/snapshots/${name}-m1-1700000000`), 'joining-m2')).toBe('m1:/snapshots/before-joining-m2-m1-1700000000');
});

test('one that cannot be taken stops the change with the reason and the host', async () => {
  await expect(snapshotBefore(server(async () => { throw new Error('no space left on device'); }), 'removing-m3')).rejects.toThrow(
    'etcd snapshot before-removing-m3 (ops@10.0.1.1:22): it could not be taken, and no member joins or leaves without one: no space left on device; see that there is room',
  );
});

test('one that was said to be taken and is nowhere stops the change', async () => {
  await expect(snapshotBefore(server(async () => ''), 'joining-m2')).rejects.toThrow('no file of that name is there afterwards');
});
