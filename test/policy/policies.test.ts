import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PolicyResource, ResourceValidationArgs, ResourceValidationPolicy, StackValidationArgs } from '@pulumi/policy';
import fc from 'fast-check';

import { policies, protectedNodes, quorumSize, minimumTolerance, zoneSpread } from '../../src/policy/policies';
import { SIZES, failureTolerance, zoneFailureTolerance } from '../../src/quorum';

const MEMBERSHIP = 'pulumi-nodejs:dynamic/llmos:Membership';

interface Node { readonly name: string; readonly role: string; readonly zone?: string }

/** m1…mN, each in the zone that is given for it. */
function managed(...zones: (string | undefined)[]): Node[] {
  return zones.map((zone, index) => ({ name: `m${index + 1}`, role: 'management', ...(zone === undefined ? {} : { zone }) }));
}

function violations(policy: ResourceValidationPolicy, nodes: unknown, config: object = {}, type = MEMBERSHIP): string[] {
  const messages: string[] = [];
  const args = { type, props: { cluster: 'prod', nodes }, getConfig: () => config } as unknown as ResourceValidationArgs;
  const validate = policy.validateResource as (args: ResourceValidationArgs, report: (message: string) => void) => void;
  validate(args, (message) => messages.push(message));
  return messages;
}

function stackViolations(resources: readonly { type: string; props: object }[], config: object): string[] {
  const messages: string[] = [];
  const args = { resources: resources as readonly PolicyResource[], getConfig: () => config } as unknown as StackValidationArgs;
  void protectedNodes.validateStack(args, (message) => messages.push(message));
  return messages;
}

describe('every policy', () => {
  test.each(policies.map((policy) => [policy.name, policy] as const))('%s is mandatory unless the configuration says otherwise', (_, policy) => {
    expect(policy.enforcementLevel).toBe('mandatory');
  });

  test.each(policies.map((policy) => [policy.name, policy as ResourceValidationPolicy] as const))('%s looks at no other resource', (_, policy) => {
    expect(violations(policy, 'not even a list', {}, 'kubernetes:core/v1:Node')).toEqual([]);
  });

  test.each(policies.map((policy) => [policy.name, policy as ResourceValidationPolicy] as const))('%s does not pass what it cannot read', (_, policy) => {
    expect(() => violations(policy, undefined)).toThrow('membership (no cluster with a list of nodes): a policy judges only what it can read; take the policy pack from the same llmos-nodes');
  });

  test('the pack has the version of the library', () => {
    const version = (folder: string): unknown => (JSON.parse(readFileSync(join(__dirname, '..', '..', folder, 'package.json'), 'utf8')) as { version: string }).version;
    expect(version('policy')).toBe(version('.'));
  });
});

describe('odd size', () => {
  test.each([1, 3, 5, 7])('%i management nodes pass', (size) => {
    expect(violations(quorumSize, managed(...Array<string>(size).fill('a')))).toEqual([]);
  });

  test.each([[0, '1'], [2, '1 or 3'], [4, '3 or 5'], [6, '5 or 7'], [8, '7']])('%i do not, and the nearest sizes are named', (size, nearest) => {
    expect(violations(quorumSize, managed(...Array<string>(size).fill('a')))).toEqual([expect.stringMatching(new RegExp(`^management nodes of cluster 'prod' \\(${size}\\): .*; use ${nearest}$`))]);
  });

  test('workers do not count', () => {
    expect(violations(quorumSize, [...managed('a', 'a', 'a'), { name: 'w1', role: 'worker' }])).toEqual([]);
  });
});

describe('failure tolerance', () => {
  test('a minimum of 1 is asked for by default', () => {
    expect(violations(minimumTolerance, managed('a'))).toEqual([
      "failure tolerance of cluster 'prod' (0): the policy asks for at least 1, and 1 management node with a majority of 1 can lose 0; use 3 management nodes",
    ]);
    expect(violations(minimumTolerance, managed('a', 'b', 'c'))).toEqual([]);
  });

  test('a minimum of 0 is content with any size', () => {
    expect(violations(minimumTolerance, managed('a'), { minimum: 0 })).toEqual([]);
  });

  test('it passes exactly where the quorum tolerates as much, and the size it names is enough', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 3 }), (size, minimum) => {
      const messages = violations(minimumTolerance, managed(...Array<undefined>(size).fill(undefined)), { minimum });
      expect(messages.length === 0).toBe(failureTolerance(size) >= minimum);
      for (const message of messages) {
        const named = Number(/use (\d) management nodes$/.exec(message)![1]);
        expect(SIZES).toContain(named);
        expect(failureTolerance(named)).toBeGreaterThanOrEqual(minimum);
      }
    }));
  });
});

describe('zone spread', () => {
  test('three nodes in three zones pass', () => {
    expect(violations(zoneSpread, managed('a', 'b', 'c'))).toEqual([]);
  });

  test('three nodes in two zones do not: the fuller zone takes the majority with it', () => {
    expect(violations(zoneSpread, managed('a', 'a', 'b'))).toEqual([
      "zone failure tolerance of cluster 'prod' (0): the policy asks for at least 1, and losing zone a takes 2 of 3 management nodes, of which 2 have to stay; "
      + 'spread the management nodes over at least 3 zones, as evenly as can be',
    ]);
  });

  test('of two zones that may fail, both are named', () => {
    expect(violations(zoneSpread, managed('a', 'a', 'b', 'b', 'c'), { minimum: 2 })).toEqual([expect.stringContaining('losing zones a and b takes 4 of 5 management nodes, of which 3 have to stay; spread the management nodes over at least 5 zones')]);
  });

  test('nodes of which nobody said the zone are named', () => {
    expect(violations(zoneSpread, managed('a', undefined, undefined))).toEqual([
      "zone failure tolerance of cluster 'prod' (0): the policy asks for at least 1, and it is not known which zone m2 and m3 would fail with; give each of these machines a 'zone'",
    ]);
  });

  test('no management nodes at all have no spread', () => {
    expect(violations(zoneSpread, [])).toEqual([expect.stringContaining('there are no management nodes')]);
  });

  test('it passes exactly where that many zones may fail', () => {
    const zone = fc.constantFrom('a', 'b', 'c', 'd', 'e', undefined);
    fc.assert(fc.property(fc.array(zone, { minLength: 1, maxLength: 7 }), fc.integer({ min: 0, max: 3 }), (zones, minimum) => {
      expect(violations(zoneSpread, managed(...zones), { minimum }).length === 0).toBe(zoneFailureTolerance(zones) >= minimum);
    }));
  });
});

describe('protected nodes', () => {
  const config = { clusters: { prod: ['m1', 'w1'] } };
  const worker = { name: 'w1', role: 'worker' };

  test('nothing is protected unless the configuration names it', () => {
    expect(violations(protectedNodes, [])).toEqual([]);
    expect(stackViolations([], {})).toEqual([]);
  });

  test('protected nodes that are declared pass, of whichever role', () => {
    expect(violations(protectedNodes, [...managed('a'), worker], config)).toEqual([]);
  });

  test('one that is not declared any more is named', () => {
    expect(violations(protectedNodes, managed('a'), config)).toEqual([
      "protected node of cluster 'prod' (w1): a protected node may not leave, and it is not declared any more; "
      + "put its machine back; to let it go, take its name out of the policy's configuration first",
    ]);
  });

  test('several are one message', () => {
    expect(violations(protectedNodes, [], config)).toEqual([expect.stringMatching(/^protected nodes of cluster 'prod' \(m1, w1\): .* they are not declared any more; put their machines back; .* take their names out/)]);
  });

  test('a node of that name in another cluster is no replacement', () => {
    expect(violations(protectedNodes, [worker], { clusters: { other: ['m1'] } })).toEqual([]);
    expect(stackViolations([{ type: MEMBERSHIP, props: { cluster: 'prod', nodes: managed('a') } }], { clusters: { other: ['m1'] } })).toEqual([
      "protected node of cluster 'other' (m1): a protected node may not leave, and no such cluster is declared in this stack; "
      + "put the cluster back; to let it go, take its name out of the policy's configuration first",
    ]);
  });

  test('a cluster that is there is judged once, by its Membership', () => {
    expect(stackViolations([{ type: MEMBERSHIP, props: { cluster: 'prod', nodes: [] } }], config)).toEqual([]);
  });
});
