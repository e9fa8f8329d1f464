import { NoSession, Sessions } from '../../../src/adapters/ssh/sessions';

/** A host that allows so many commands at once, and lets each run until it is told to end. */
class Host {
  running = 0;
  most = 0;
  refused = 0;
  private readonly endings: (() => void)[] = [];

  constructor(private readonly allows: number) {}

  command = async (): Promise<void> => {
    if (this.running >= this.allows) {
      this.refused += 1;
      throw new NoSession('open failed');
    }
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    await new Promise<void>(end => this.endings.push(end));
    this.running -= 1;
  };

  endOne(): void {
    this.endings.shift()?.();
  }
}

async function runAll(host: Host, commands: number): Promise<void> {
  const sessions = new Sessions();
  let left = commands;
  const all = Promise.all(Array.from({ length: commands }, () => sessions.run(host.command).then(() => { left -= 1; })));
  while (left > 0) {
    await new Promise(setImmediate);
    host.endOne();
  }
  await all;
}

test('as many commands run at once as OpenSSH allows, and all are run', async () => {
  const host = new Host(10);
  await runAll(host, 50);
  expect({ most: host.most, refused: host.refused }).toEqual({ most: 10, refused: 0 });
});

test('a host that allows fewer is asked again when one has ended', async () => {
  const host = new Host(2);
  await runAll(host, 30);
  expect(host.most).toBe(2);
  // Those that were on their way together are refused once; then its limit is known.
  expect(host.refused).toBeLessThan(30);
});

test('a host that allows none is not asked for ever', async () => {
  await expect(new Sessions().run(new Host(0).command)).rejects.toThrow('open failed');
});

test('a command that fails makes room for the next one', async () => {
  const sessions = new Sessions();
  const failed = await Promise.allSettled(Array.from({ length: 25 }, () => sessions.run(() => Promise.reject(new Error('status 1')))));
  expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
  await expect(sessions.run(() => Promise.resolve('done'))).resolves.toBe('done');
});
