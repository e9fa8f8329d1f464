import * as fc from 'fast-check';
import type { Member } from '../../src/quorum';
import { hasQuorum as modelHasQuorum } from './model';

/** Whether the voters of a list hold a majority, those counted as down of whom nobody knows. */
export function hasQuorum(members: readonly Member[]): boolean {
  return modelHasQuorum(
    members.map(({ name, voter, healthy }) => ({ name, seat: voter ? 'voter' : 'learner', up: healthy === true, heard: healthy !== undefined })),
  );
}

export function without(members: readonly Member[], name: string): Member[] {
  return members.filter((member) => member.name !== name);
}

export const healthyVoter = (name: string): Member => ({ name, healthy: true, voter: true });
export const deadVoter = (name: string): Member => ({ name, healthy: false, voter: true });
export const unknownVoter = (name: string): Member => ({ name, healthy: undefined, voter: true });
export const learner = (name: string): Member => ({ name, healthy: true, voter: false });

/** `++-?L` is m1 and m2 healthy, m3 dead, m4 unknown, m5 a learner. */
export function cluster(picture: string): Member[] {
  const make: Record<string, (name: string) => Member> = { '+': healthyVoter, '-': deadVoter, '?': unknownVoter, L: learner };
  return [...picture].map((sign, index) => make[sign](`m${index + 1}`));
}

/** Any member list: mostly voters, all healths, with and without learners. */
export const anyCluster: fc.Arbitrary<Member[]> = fc
  .array(fc.constantFrom('+', '+', '+', '-', '?', 'L'), { maxLength: 10 })
  .map((signs) => cluster(signs.join('')));

const names = Array.from({ length: 12 }, (_, index) => `m${index + 1}`);

/** Any list of different node names, in any order. */
export const anyMembership = (bounds: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...names), { maxLength: 7, ...bounds });
