import type { MachineProps } from '../../src';

const ZONES = ['a', 'b', 'c'];

/** m1…mN, one zone after the other. */
export function management(count: number): MachineProps[] {
  return Array.from({ length: count }, (_, index) => ({ name: `m${index + 1}`, address: `192.0.2.${11 + index}`, zone: ZONES[index % 3] }));
}

/** w1…wN. */
export function workers(count: number): MachineProps[] {
  return Array.from({ length: count }, (_, index) => ({ name: `w${index + 1}`, address: `192.0.2.${101 + index}` }));
}
