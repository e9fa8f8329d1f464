import fc from 'fast-check';
import { Turns } from '../../src/pulumi/turns';

/** Work that ends when the test says so. */
function work(log: string[], name: string) {
  let end!: (error?: Error) => void;
  const over = new Promise<void>((resolve, reject) => { end = error => (error ? reject(error) : resolve()); });
  return { name, end, run: async () => { log.push(name); await over; return name; } };
}

/** Everything that can happen without new events has happened. */
const settled = () => new Promise(resolve => setImmediate(resolve));

describe('turns', () => {
  test('never more than the limit are at work, in the order in which they came, and all are done, whichever end first or fail', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 25 }), async (limit, ends) => {
      const turns = new Turns();
      const begun: string[] = [];
      const pieces = ends.map((_, index) => work(begun, `w${index}`));
      const results = Promise.allSettled(pieces.map(({ run }) => turns.take('joins', { limit }, run)));
      const open = new Set<string>();
      let seen = 0;
      for (const [choice, fails] of ends) {
        await settled();
        for (const name of begun.slice(seen)) open.add(name);
        seen = begun.length;
        expect(open.size).toBe(Math.min(limit, pieces.length - (seen - open.size)));
        const name = [...open][choice % open.size]!;
        open.delete(name);
        pieces.find(piece => piece.name === name)!.end(fails ? new Error(name) : undefined);
      }
      expect((await results).filter(({ status }) => status === 'rejected')).toHaveLength(ends.filter(([, fails]) => fails).length);
      expect(begun).toEqual(pieces.map(({ name }) => name));
    }), { numRuns: 60 });
  });

  test('a limit of 1 is one by one', async () => {
    const turns = new Turns();
    const log: string[] = [];
    await Promise.all(['m1', 'm2', 'm3'].map(name => turns.take('management', { limit: 1 }, async () => {
      log.push(`${name} begins`);
      await settled();
      log.push(`${name} ends`);
    })));
    expect(log).toEqual(['m1', 'm2', 'm3'].flatMap(name => [`${name} begins`, `${name} ends`]));
  });

  test('without a limit all begin at once', async () => {
    const turns = new Turns();
    const begun: string[] = [];
    const pieces = Array.from({ length: 200 }, (_, index) => work(begun, `w${index}`));
    const all = Promise.all(pieces.map(({ run }) => turns.take('joins', { limit: Infinity }, run)));
    await settled();
    expect(begun).toHaveLength(200);
    pieces.forEach(({ end }) => end());
    await all;
  });

  test('queues do not wait for each other', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const slow = work(log, 'w1');
    const first = turns.take('joins', { limit: 1 }, slow.run);
    await expect(turns.take('upgrades', { limit: 1 }, async () => 'w2')).resolves.toBe('w2');
    slow.end();
    await first;
  });

  test('where asked, nothing begins after a failure, and what is at work is done', async () => {
    const turns = new Turns();
    const begun: string[] = [];
    const [w1, w2, w3, w4] = ['w1', 'w2', 'w3', 'w4'].map(name => work(begun, name));
    const results = Promise.allSettled([w1, w2, w3, w4].map(each => turns.take("workers of 'prod'", { limit: 2, endsWithFailure: true }, each!.run)));
    await settled();
    w1!.end(new Error('no space left on device'));
    await settled();
    w2!.end();
    expect(await results).toMatchObject([
      { reason: new Error('no space left on device') }, { value: 'w2' },
      { reason: { message: expect.stringMatching(/^workers of 'prod': an earlier one failed, so this one was not begun; /) } }, { status: 'rejected' },
    ]);
    expect(begun).toEqual(['w1', 'w2']);
  });

  test('work that throws before its first wait is a failure like any other', async () => {
    const turns = new Turns();
    await expect(turns.take('joins', { limit: 1 }, () => { throw new Error('at once'); })).rejects.toThrow('at once');
    await expect(turns.take('joins', { limit: 1 }, async () => 'next')).resolves.toBe('next');
  });
});
