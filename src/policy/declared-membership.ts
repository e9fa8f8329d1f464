import { Problem } from '../problem';

/** The resource that takes the whole declared membership of a cluster, as the engine names its type. Source: pulumi/resources.ts. */
export const MEMBERSHIP_TYPE = 'pulumi-nodejs:dynamic/llmos:Membership';

/** A node as a policy looks at it. Addresses are no business of it: in a preview they may not be known yet. */
export interface DeclaredNode {
  readonly name: string;
  readonly role: string;
  /** @default - nobody said in which zone it is */
  readonly zone?: string;
}

/** What a Membership declares. */
export interface DeclaredMembership {
  readonly cluster: string;
  readonly nodes: readonly DeclaredNode[];
}

/**
 * Reads what a Membership was given.
 * @throws Problem where it is in another form: passing what was not understood would be no policy
 */
export function declaredMembership({ cluster, nodes }: Readonly<Record<string, unknown>>): DeclaredMembership {
  if (typeof cluster !== 'string' || !Array.isArray(nodes)) {
    throw new Problem({
      subject: 'membership', value: 'no cluster with a list of nodes', rule: 'a policy judges only what it can read',
      remedy: 'take the policy pack from the same llmos-nodes that the program uses',
    });
  }
  return { cluster, nodes: nodes as readonly DeclaredNode[] };
}

/** The nodes that are the quorum. */
export function managementNodes({ nodes }: DeclaredMembership): DeclaredNode[] {
  return nodes.filter(({ role }) => role === 'management');
}
