import type { ProblemProps } from '../problem';
import { list } from '../quorum/words';
import { canonicalAddress } from './address';
import type { NodeDefinition } from './cluster-definition';
import { groupBy } from './group-by';

/** Names and addresses that more than one node of the cluster has. */
export function duplicateProblems(nodes: readonly NodeDefinition[]): ProblemProps[] {
  return areUnique(nodes) ? [] : ownedTwice(nodes);
}

/** Nearly always so, and told without grouping a large cluster. */
function areUnique(nodes: readonly NodeDefinition[]): boolean {
  const addresses = nodes.flatMap(knownAddresses);
  return new Set(nodes.map((node) => node.name)).size === nodes.length && new Set(addresses).size === addresses.length;
}

function ownedTwice(nodes: readonly NodeDefinition[]): ProblemProps[] {
  const names = groupBy(nodes, (node) => node.name);
  const addresses = groupBy(nodes.flatMap((node) => knownAddresses(node).map((address) => ({ name: node.name, address }))), ({ address }) => address);
  return [
    ...[...names].filter(([, owners]) => owners.length > 1).map(([name, owners]) => ({
      subject: `machine '${name}'`, value: `in ${list([...new Set(owners.map((node) => `pool '${node.pool}'`))], 'and')}`,
      rule: 'a node has a name of its own in the whole cluster',
      remedy: owners.every((node) => node.address === owners[0]?.address) ? 'list it once' : 'rename all but one',
    })),
    // A machine listed twice has been told of already.
    ...[...addresses].filter(([, owners]) => new Set(owners.map(({ name }) => name)).size > 1).map(([address, owners]) => ({
      subject: `address ${address}`, value: `of ${list(owners.map(({ name }) => `machine '${name}'`), 'and')}`,
      rule: 'two nodes at one address are one machine, and etcd would take it for two members',
      remedy: 'correct the address of all but one',
    })),
  ];
}

/** An address that is still an Output is equal to none. */
function knownAddresses({ address, internalAddress }: NodeDefinition): string[] {
  const known = typeof address === 'string' ? [canonicalAddress(address)] : [];
  if (typeof internalAddress === 'string') {
    const internal = canonicalAddress(internalAddress);
    // A machine may well use one address for both.
    if (internal !== known[0]) known.push(internal);
  }
  return known;
}
