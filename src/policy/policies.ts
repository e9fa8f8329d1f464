import type { Policies, PolicyConfigSchema, ResourceValidationPolicy, StackValidationPolicy } from '@pulumi/policy';

import { SIZES, failureTolerance } from '../quorum';
import { MEMBERSHIP_TYPE, declaredMembership, type DeclaredMembership } from './declared-membership';
import { protectionViolations, sizeViolations, toleranceViolations, zoneViolations, type Violations } from './rules';

/** How many may fail where the configuration does not say. */
const DEFAULT_MINIMUM = 1;

type PropertySchema = PolicyConfigSchema['properties'][string];

interface Minimum {
  readonly minimum?: number;
}

interface Protection {
  readonly clusters?: Readonly<Record<string, readonly string[]>>;
}

/** No size tolerates more, so asking for more would refuse every cluster. */
const MINIMUM: PropertySchema = { type: 'integer', minimum: 0, maximum: failureTolerance(Math.max(...SIZES)), default: DEFAULT_MINIMUM };

export const quorumSize = membershipPolicy(
  'llmos-quorum-size', 'A cluster has an odd number of management nodes, from 1 to 7.', {},
  (membership) => sizeViolations(membership),
);

export const minimumTolerance = membershipPolicy<Minimum>(
  'llmos-failure-tolerance', 'A minimum of management nodes may fail at once.', { minimum: MINIMUM },
  (membership, { minimum = DEFAULT_MINIMUM }) => toleranceViolations(membership, minimum),
);

export const zoneSpread = membershipPolicy<Minimum>(
  'llmos-zone-spread', 'A minimum of zones may fail at once, whichever they are.', { minimum: MINIMUM },
  (membership, { minimum = DEFAULT_MINIMUM }) => zoneViolations(membership, minimum),
);

/**
 * A policy is told of what is declared, so what is gone can only be missed. A node is missed in its Membership, which is judged
 * before any step is taken, with `pulumi up --skip-preview` too. A cluster that is gone has no resource to be asked about: it is
 * missed in the stack, which the engine shows to policies after the last step, and so in time only where a preview ran.
 */
export const protectedNodes: ResourceValidationPolicy & StackValidationPolicy = {
  ...membershipPolicy<Protection>(
    'llmos-protected-nodes', 'Nodes named in the configuration do not leave their cluster.',
    { clusters: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } }, default: {} } },
    (membership, { clusters = {} }) => protectionViolations(membership.cluster, membership, clusters[membership.cluster] ?? []),
  ),
  validateStack: ({ resources, getConfig }, reportViolation) => {
    const declared = resources.filter(({ type }) => type === MEMBERSHIP_TYPE).map(({ props }) => declaredMembership(props).cluster);
    const gone = Object.entries(getConfig<Protection>().clusters ?? {}).filter(([cluster]) => !declared.includes(cluster));
    for (const message of gone.flatMap(([cluster, names]) => protectionViolations(cluster, undefined, names))) reportViolation(message);
  },
};

/** What the pack in policy/ enforces. Each level and each figure is set in the file given with `--policy-pack-config`. */
export const policies: Policies = [quorumSize, minimumTolerance, zoneSpread, protectedNodes];

function membershipPolicy<Config extends object>(
  name: string, description: string, properties: Record<string, PropertySchema>,
  violations: (membership: DeclaredMembership, config: Config) => Violations,
): ResourceValidationPolicy {
  return {
    name, description, enforcementLevel: 'mandatory', configSchema: { properties },
    validateResource: ({ type, props, getConfig }, reportViolation) => {
      if (type !== MEMBERSHIP_TYPE) return;
      for (const message of violations(declaredMembership(props), getConfig<Config>())) reportViolation(message);
    },
  };
}
