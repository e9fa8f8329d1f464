/** The time a wait may take. One deadline can be shared by several waits that follow each other. */
export class Deadline {
  private readonly endsAt: number;

  /** @param seconds how long from now; at least 0 */
  constructor(readonly seconds: number, private readonly now: () => number = Date.now) {
    this.endsAt = now() + seconds * 1000;
  }

  /** Milliseconds left; 0 when it has passed. */
  get remaining(): number {
    return Math.max(0, this.endsAt - this.now());
  }

  get passed(): boolean {
    return this.remaining === 0;
  }

  /** Ends when this part (0 to 1) of what is left has passed: for a wait that must leave time for what follows it. */
  share(part: number): Deadline {
    return new Deadline(Math.floor(this.remaining * part) / 1000, this.now);
  }

  /** Ends after so many seconds, or with this one where that is sooner: for a wait that has to be looked at now and then. */
  atMost(seconds: number): Deadline {
    return new Deadline(Math.min(seconds, this.remaining / 1000), this.now);
  }
}
