import { quorumFigures, zoneFailureTolerance } from '../quorum';
import type { ImpactFigures, ZoneVoters } from './impact-report';

/** A voter and the zone it stands in. */
export interface Voter {
  readonly name: string;
  readonly zone?: string;
}

/** What the quorum of these voters is worth. Zones are spoken of only where a node of the change has one. */
export function figuresOf(voters: readonly Voter[], withZones: boolean): ImpactFigures {
  const zones = new Map<string | undefined, string[]>();
  for (const { name, zone } of voters) zones.set(zone, [...zones.get(zone) ?? [], name]);
  return {
    ...quorumFigures(voters.length),
    ...(withZones && { zoneFailureTolerance: voters.length === 0 ? 0 : zoneFailureTolerance(voters.map(({ zone }) => zone)) }),
    zones: [...zones].map(([zone, names]): ZoneVoters => ({ ...(zone !== undefined && { zone }), voters: names }))
      .sort((a, b) => compareZones(a.zone, b.zone)),
  };
}

/** By name; what stands nowhere comes last. */
function compareZones(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a < b ? -1 : Number(a > b);
}
