import { createHash, randomInt } from 'node:crypto';

/** Choices that look random and come out the same for the same seed. */
export class Chance {
  constructor(readonly seed: string) {}

  /** Seeded by LLMOS_LAB_SEED, to see once more what an earlier run saw. */
  static fromEnvironment(): Chance {
    return new Chance(process.env.LLMOS_LAB_SEED || String(randomInt(1_000_000)));
  }

  /** @param what names the choice, so that one more choice does not change the others */
  of<T>(what: string, choices: readonly T[]): T {
    return choices[createHash('sha256').update(`${this.seed} ${what}`).digest().readUInt32BE() % choices.length]!;
  }
}
