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
}
