import type { Cluster, Machine } from '../model';

/** How a machine stands: whether its etcd runs, and whether our program gets its answer. */
export type Standing = Pick<Machine, 'up' | 'heard'>;

export const HEALTHY: Standing = { up: true, heard: true };
/** Well, but the connection to it is not: nobody knows. */
export const SILENT: Standing = { up: true, heard: false };
export const DOWN: Standing = { up: false, heard: true };
/** Down, and nobody knows. */
export const LOST: Standing = { up: false, heard: false };

/**
 * Every way to let at most `most` machines stand, up to renaming. Nothing in etcd depends on what a machine is called (that nothing
 * in the guard does is a property of its own), so how many stand how says everything.
 */
export function everyStanding(kinds: readonly Standing[], most: number): Standing[][] {
  const [kind, ...others] = kinds;
  if (kind === undefined) {
    return [[]];
  }
  const counts = Array.from({ length: most + 1 }, (_, count) => count);
  return counts.flatMap((count) => everyStanding(others, most - count).map((rest) => [...Array.from({ length: count }, () => kind), ...rest]));
}

/** Every cluster of 0 to `most` voters, whatever stands how, without a learner and with one that is up or down. */
export function everyCluster(most: number): Cluster[] {
  return everyStanding([HEALTHY, SILENT, DOWN, LOST], most).flatMap((standings) => {
    const voters = standings.map((standing, index): Machine => ({ name: `m${index + 1}`, seat: 'voter', ...standing }));
    const learners = voters.length === 0 ? [] : [HEALTHY, DOWN].map((standing): Machine => ({ name: 'l1', seat: 'learner', ...standing }));
    return [voters, ...learners.map((learner) => [...voters, learner])];
  });
}

/** What a machine is, apart from its name: two of the same kind are one case. */
export function kindOf({ seat, up, heard }: Machine): string {
  return `${seat} ${up ? 'up' : 'down'}${heard ? '' : ' unheard'}`;
}

/** One machine of each kind. */
export function oneOfEachKind(cluster: Cluster, kind: (machine: Machine) => string = kindOf): Machine[] {
  return [...new Map(cluster.map((machine) => [kind(machine), machine])).values()];
}

export function voterNames(cluster: Cluster): string[] {
  return cluster.filter(({ seat }) => seat === 'voter').map(({ name }) => name);
}

/** For the message when the walk finds something. */
export function describeCluster(cluster: Cluster): string {
  return cluster.map((machine) => `${machine.name} ${kindOf(machine)}`).join(', ');
}
