/**
 * One question that many ask at the same time, such as fifty joins that look at one management host. Whoever asks gets an answer to a
 * question that was put after that: while one is on its way, all who come wait for the next one together. So nobody is told what was
 * the case before, and there are never more than one on its way and one to follow.
 */
export class SharedRead<T> {
  private current?: Promise<T>;
  private following?: Promise<T>;

  constructor(private readonly read: () => Promise<T>) {}

  ask(): Promise<T> {
    if (this.following !== undefined) return this.following;
    if (this.current === undefined) return this.begin();
    this.following = this.current.then(() => this.begin(), () => this.begin());
    return this.following;
  }

  private begin(): Promise<T> {
    this.following = undefined;
    const asked = this.read().finally(() => {
      if (this.current === asked) this.current = undefined;
    });
    this.current = asked;
    return asked;
  }
}
