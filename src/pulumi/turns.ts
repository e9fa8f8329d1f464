import { Problem } from '../problem';

/** Under what conditions work begins. */
export interface TurnProps {
  /** How many pieces of this queue may be at work at once: a whole number, at least 1, or Infinity. */
  readonly limit: number;
  /** After one failed, those that have not begun never do. @default false: each is tried, whatever became of the others */
  readonly endsWithFailure?: boolean;
}

interface Waiting {
  readonly limit: number;
  begin(): void;
}

/** Work of one kind, first come, first served. */
class Queue {
  running = 0;
  failed = false;
  readonly waiting: Waiting[] = [];
}

/**
 * Who works at once: each queue lets so many pieces of work run and keeps the rest waiting in the order in which they came.
 * With a limit of 1 they follow each other. The engine's own `--parallel` is the other limit, and what waits here counts there.
 */
export class Turns {
  private readonly queues = new Map<string, Queue>();

  /**
   * Does the work when it is its turn in the queue of that name.
   * @throws what the work throws; Problem where it never began, because an earlier one of its queue failed
   */
  async take<T>(name: string, { limit, endsWithFailure = false }: TurnProps, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(name) ?? new Queue();
    this.queues.set(name, queue);
    await new Promise<void>(begin => {
      queue.waiting.push({ limit, begin });
      beginNext(queue);
    });
    try {
      if (endsWithFailure && queue.failed) throw neverBegun(name);
      return await work();
    } catch (error) {
      queue.failed = true;
      throw error;
    } finally {
      queue.running -= 1;
      beginNext(queue);
    }
  }
}

/** The one in front sets the limit, so that nobody is overtaken. */
function beginNext(queue: Queue): void {
  for (let next = queue.waiting[0]; next !== undefined && queue.running < next.limit; next = queue.waiting[0]) {
    queue.waiting.shift();
    queue.running += 1;
    next.begin();
  }
}

function neverBegun(name: string): Problem {
  return new Problem({ subject: name, rule: 'an earlier one failed, so this one was not begun', remedy: 'mend what that one says, then run the same command again' });
}
