const UP_AGAIN = 'mend that, then run `pulumi up` again: it goes on where this run stopped; a longer wait is set with customTimeouts';

export interface DeadlineOptions {
  /** What to type when the time is over, for whoever waited in vain. @default - to run `pulumi up` again */
  readonly remedy?: string;
  /** The time in milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** The time a wait may take. One deadline can be shared by several waits that follow each other. */
export class Deadline {
  readonly remedy: string;
  private readonly now: () => number;
  private readonly endsAt: number;

  /** @param seconds how long from now; at least 0 */
  constructor(readonly seconds: number, { remedy = UP_AGAIN, now = Date.now }: DeadlineOptions = {}) {
    this.remedy = remedy;
    this.now = now;
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
    return this.part(Math.floor(this.remaining * part) / 1000);
  }

  /** Ends after so many seconds, or with this one where that is sooner: for a wait that has to be looked at now and then. */
  atMost(seconds: number): Deadline {
    return this.part(Math.min(seconds, this.remaining / 1000));
  }

  private part(seconds: number): Deadline {
    return new Deadline(seconds, { remedy: this.remedy, now: this.now });
  }
}
