import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fromPreview, impact, type ImpactReport, type MembershipSnapshot, type SnapshotNode } from '../../src/impact';

const ZONES = ['a', 'b', 'c'];

/** m1…mN, one zone after the other. */
export function management(count: number): SnapshotNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `m${index + 1}`, role: 'management', zone: ZONES[index % 3], address: `192.0.2.${11 + index}`, labels: {}, taints: [],
  }));
}

/** w0001…, as many as wanted. */
export function workers(count: number): SnapshotNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `w${String(index + 1).padStart(4, '0')}`, role: 'worker', address: `10.0.${index >> 8}.${index & 255}`, labels: {}, taints: [],
  }));
}

/** A membership of cluster prod; `confirmed` are names whose removal is confirmed. */
export function membership(nodes: readonly SnapshotNode[], { confirmed = [], ...rest }: Partial<MembershipSnapshot> & { readonly confirmed?: readonly string[] } = {}): MembershipSnapshot {
  return { cluster: 'prod', kubernetesVersion: 'v1.34.4+k3s1', settings: {}, nodes, confirmRemoval: confirmed.map(name => ({ name })), ...rest };
}

/** What `pulumi preview --json` of engine 3.200 wrote, without what is not read. */
export function fixture(name: string): string {
  return readFileSync(join(__dirname, 'fixtures', `${name}.json`), 'utf8');
}

export function reportOf(name: string): ImpactReport {
  const preview = fromPreview(fixture(name));
  return impact(preview.before, preview.after, preview);
}

/** `+m4 -m1`: the steps of a report. */
export function way({ steps }: ImpactReport): string {
  return steps.map(({ action, node }) => `${action === 'join' ? '+' : '-'}${node}`).join(' ');
}
