import { Problem } from '../problem';
import type { Server } from './session';

/**
 * Takes an etcd snapshot right before the management membership changes. A change of members is the one thing that a cluster may
 * not come back from by itself, so without a snapshot nothing is changed.
 * @param server a member that stays: the snapshot lies on its host
 * @param change what it is taken before: `joining-m2`
 * @returns where it lies: `m1:/var/lib/rancher/k3s/server/db/snapshots/before-joining-m2-…`
 * @throws Problem where it cannot be taken
 */
export async function snapshotBefore({ node, machine }: Server, change: string): Promise<string> {
  let path: string;
  let why = 'no file of that name is there afterwards';
  try {
    path = await machine.snapshot(`before-${change}`);
  } catch (error) {
    path = '';
    why = error instanceof Error ? error.message : String(error);
  }
  if (path !== '') return `${node.name}:${path}`;
  throw new Problem({
    subject: `etcd snapshot before-${change}`,
    value: machine.label,
    rule: `it could not be taken, and no member joins or leaves without one: ${why}`,
    remedy: 'see that there is room for a copy of the database on that host, then run `pulumi up` again',
  });
}
