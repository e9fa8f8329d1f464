import type { RuntimePaths } from './paths';

/**
 * What a person types on a management host to take a member out of etcd. k3s and RKE2 bring no etcdctl of their own.
 * @param id hexadecimal, as etcdctl lists it
 */
export function removeMemberCommand({ etcdCertificates: folder }: RuntimePaths, id: string): string {
  return `sudo etcdctl --endpoints https://127.0.0.1:2379 --cacert ${folder}/server-ca.crt --cert ${folder}/client.crt --key ${folder}/client.key member remove ${id}`;
}
