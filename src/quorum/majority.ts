/** What a number of voters means for the quorum. */
export interface QuorumFigures {
  readonly voters: number;
  /** How many voters have to be up and agree. */
  readonly majority: number;
  /** How many voters may fail at once. */
  readonly failureTolerance: number;
}

/**
 * How many voters have to be up and agree before etcd writes anything: floor(voters / 2) + 1.
 *
 * @param voters voting etcd members, one on each management node; learners do not count.
 * @throws RangeError unless `voters` is a whole number from 1 on.
 */
export function majority(voters: number): number {
  if (!Number.isInteger(voters) || voters < 1) {
    throw new RangeError(`voters (${voters}): only 1 or more voters, in whole numbers, have a majority; pass the number of voting members`);
  }
  return Math.floor(voters / 2) + 1;
}

/**
 * How many voters may fail at once while the others still are a majority: voters - majority.
 *
 * @throws RangeError unless `voters` is a whole number from 1 on.
 */
export function failureTolerance(voters: number): number {
  return voters - majority(voters);
}

/**
 * All figures of a number of voters. Unlike `majority` it accepts 0, the cluster not made yet or just destroyed:
 * what does not exist needs no majority and tolerates no failure, so both figures are 0.
 *
 * @throws RangeError unless `voters` is a whole number from 0 on.
 */
export function quorumFigures(voters: number): QuorumFigures {
  if (voters === 0) {
    return { voters: 0, majority: 0, failureTolerance: 0 };
  }
  return { voters, majority: majority(voters), failureTolerance: failureTolerance(voters) };
}
