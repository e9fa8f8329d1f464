/**
 * A small model of an etcd cluster: who has a seat, who is up, who reaches whom, and what follows from it. It knows nothing of
 * the library's rules and shares no code with them, so neither repeats a mistake of the other. It does not reckon a majority,
 * it counts hands: those raised against those that are not.
 */
export interface Machine {
  readonly name: string;
  /** `none`: a machine that may join; etcd does not know it. */
  readonly seat: 'voter' | 'learner' | 'none';
  /** Its etcd runs. */
  readonly up: boolean;
  /** Our program gets its answers. Where it does not, that says nothing of etcd, which may run or not. */
  readonly heard: boolean;
  /** In a partition, the side it is on: members reach those of their own side only. @default - there is no partition */
  readonly side?: string;
}

/** What has a seat, and the machines that may come to have one. */
export type Cluster = readonly Machine[];

/** Whether anything can be written: on some side more voters raise their hand than there are others, down or out of reach. */
export function hasQuorum(cluster: Cluster): boolean {
  return cluster.some(({ seat, up, side }) => seat === 'voter' && up && outnumbers(cluster, side));
}

/** Whether a member answers a linearizable read, which it has to confirm with a majority that it reaches. */
export function answersRead(cluster: Cluster, { seat, up, side }: Machine): boolean {
  return seat === 'voter' && up && outnumbers(cluster, side);
}

function outnumbers(cluster: Cluster, side: string | undefined): boolean {
  let hands = 0;
  for (const machine of cluster) {
    if (machine.seat === 'voter') {
      hands += machine.up && machine.side === side ? 1 : -1;
    }
  }
  return hands > 0;
}

/** What happens to a cluster, by itself or by somebody's doing. What etcd does not agree on leaves it as it is. */
export type Happening = (cluster: Cluster) => Cluster;

/** Why etcd would not take another learner; undefined where it would. Source: etcd's server, which k3s asks again each second. */
export function refusesLearner(cluster: Cluster): 'no quorum' | 'too many learners' | 'a voter is away' | undefined {
  if (!hasQuorum(cluster)) {
    return 'no quorum';
  }
  if (cluster.some(({ seat }) => seat === 'learner')) {
    return 'too many learners';
  }
  return cluster.every((machine) => machine.seat !== 'voter' || answersRead(cluster, machine)) ? undefined : 'a voter is away';
}

/**
 * A machine that is up asks to join and becomes a learner. etcd may not have noticed yet that a voter is away, so that does not
 * keep the machine out here: the worse of the two cases.
 */
export const addLearner = (name: string): Happening => (cluster) => {
  const refusal = refusesLearner(cluster);
  const joins = refusal === undefined || refusal === 'a voter is away';
  return joins ? change(cluster, name, (machine) => (machine.up ? { ...machine, seat: 'learner' } : machine)) : cluster;
};

/** The leader's own doing, at any moment: a learner that has caught up becomes a voter. */
export const promote: Happening = (cluster) =>
  hasQuorum(cluster) ? cluster.map((machine) => (machine.seat === 'learner' && machine.up ? { ...machine, seat: 'voter' } : machine)) : cluster;

/** The leader's own doing: a learner that made no progress for 5 minutes loses its seat. */
export const throwOut: Happening = (cluster) =>
  hasQuorum(cluster) ? cluster.map((machine) => (machine.seat === 'learner' && !machine.up ? { ...machine, seat: 'none' } : machine)) : cluster;

/** A member is taken off the list. Nothing here asks whether that is wise: k3s does not either when a Node is deleted. */
export const takeOut = (name: string): Happening => (cluster) =>
  hasQuorum(cluster) ? change(cluster, name, (machine) => ({ ...machine, seat: 'none' })) : cluster;

/** The right to start a cluster was given: the machine is its only voter. */
export const initialise = (name: string): Happening => (cluster) => change(cluster, name, (machine) => (machine.up ? { ...machine, seat: 'voter' } : machine));

export const die = (name: string): Happening => (cluster) => change(cluster, name, (machine) => ({ ...machine, up: false }));

/** Everything is up again, and answers. */
export const heal: Happening = (cluster) => cluster.map(({ name, seat }) => ({ name, seat, up: true, heard: true }));

function change(cluster: Cluster, name: string, how: (machine: Machine) => Machine): Cluster {
  return cluster.map((machine) => (machine.name === name ? how(machine) : machine));
}

/** Every moment of a story, from the first, before anything happened, to the last. */
export function moments(cluster: Cluster, happenings: readonly Happening[]): Cluster[] {
  const told = [cluster];
  for (const happening of happenings) {
    told.push(happening(told[told.length - 1]));
  }
  return told;
}
