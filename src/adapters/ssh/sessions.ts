/** How many commands OpenSSH lets run at once over one connection (MaxSessions). Hardened hosts let fewer. Source: sshd_config(5). */
const OPENSSH_DEFAULT = 10;

/** The host has as many commands running over this connection as it allows, and did not begin this one. */
export class NoSession extends Error {}

/** Commands over one connection: no more at once than the host allows, the others in the order in which they came. */
export class Sessions {
  private limit = OPENSSH_DEFAULT;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * Does the work when there is room for it; again, when another one has ended, where the host had none. A host that refuses a
   * command while others run has said how many it allows.
   * @throws what the work throws; NoSession where the host does not even allow one
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.running >= this.limit) await new Promise<void>(begin => this.waiting.push(begin));
      else this.running += 1;
      const others = this.running - 1;
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof NoSession) || others === 0) throw error;
        this.limit = Math.min(this.limit, others);
      } finally {
        this.end();
      }
    }
  }

  /** Whoever waits longest takes over the place, where there still is one. */
  private end(): void {
    const next = this.running <= this.limit ? this.waiting.shift() : undefined;
    if (next === undefined) this.running -= 1;
    else next();
  }
}
