/** One entry of etcd's real member list. */
export interface EtcdMember {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string;
  /** `<node>-<8 hex>` on k3s and RKE2; empty while the member has not started. */
  readonly name: string;
  /** The node the member belongs to: the name without its suffix. Empty while it has no name; its peer address tells then. */
  readonly node: string;
  readonly peerUrls: readonly string[];
  readonly learner: boolean;
}

interface RawMember {
  readonly ID?: string;
  readonly name?: string;
  readonly peerURLs?: readonly string[];
  readonly isLearner?: boolean;
}

/**
 * Reads the supervisor's answer to `GET /db/info`.
 * @throws Error when it is no member list
 */
export function parseMembers(json: string): EtcdMember[] {
  // Ids are 64-bit: as a JavaScript number two different members could become one.
  const { members } = JSON.parse(json.replaceAll(/("ID"\s*:\s*)(\d+)/g, '$1"$2"')) as { readonly members?: readonly RawMember[] };
  if (!Array.isArray(members)) throw new Error('the answer has no members');
  return (members as readonly RawMember[]).map(({ ID = '0', name = '', peerURLs = [], isLearner = false }) => ({
    id: BigInt(ID).toString(16),
    name,
    node: nodeOfMember(name),
    peerUrls: peerURLs,
    learner: isLearner,
  }));
}

/** k3s and RKE2 name a member after its node, with a random suffix for each time it joined. */
export function nodeOfMember(member: string): string {
  return member.replace(/-[0-9a-f]{8}$/, '');
}
