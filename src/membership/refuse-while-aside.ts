import { describeSetAside } from '../llmos/set-aside';
import { Problem } from '../problem';
import type { ClusterApi } from './ports/cluster-api';

/**
 * One management node is touched at a time. While one is out of service it may go away at any moment although it still answers, and
 * nothing but the mark on its Node tells that: the lock of whoever took it out ends with the command.
 * @param name the node that is about to be touched; its own mark does not matter
 * @throws Problem where another management node is out of service
 */
export async function refuseWhileAside(api: ClusterApi, name: string): Promise<void> {
  const other = (await api.nodes()).find(node => node.role === 'management' && node.setAside !== undefined && node.name !== name);
  if (other === undefined) return;
  throw new Problem({
    subject: `management node '${other.name}'`,
    value: describeSetAside(other.setAside!),
    rule: `it may go away at any moment, and one management node is touched at a time, so '${name}' is not`,
    remedy: `bring it back first: llmos-nodes maintain ${other.name} --end`,
  });
}
