import { followBootstrapScript, parseBootstrap } from '../../../src/llmos/host-scripts/bootstrap';
import { FakeHost } from './fake-host';

const RUNNING = { ActiveState: 'activating', SubState: 'start', Result: 'success', InvocationID: 'a1' };

describe('a look at llmos.service', () => {
  let host: FakeHost;

  beforeEach(() => {
    host = new FakeHost();
    host.unit('llmos.service', RUNNING);
    host.write('journal', '');
    // A cursor is a number of lines.
    host.standIn('journalctl', `
after=0
for argument in "$@"; do case $argument in --after-cursor=*) after=\${argument#*=};; esac; done
tail -n +$((after + 1)) '${host.file('journal')}'
echo "-- cursor: $(wc -l <'${host.file('journal')}')"`);
    host.standIn('sleep', `echo >>'${host.file('slept')}'; exec /bin/sleep "$@"`);
  });
  afterEach(() => host.remove());

  const look = async (cursor?: string, seconds?: number) => parseBootstrap((await host.run(followBootstrapScript(cursor, seconds))).stdout);

  /** Begins a look that may wait for a minute, and returns when it does wait. */
  async function waitingLook(cursor?: string) {
    const looked = look(cursor, 60);
    while (!host.has('slept')) await new Promise(setImmediate);
    return { looked };
  }

  test('that may not wait answers at once', async () => {
    expect(await look()).toMatchObject({ stage: 'running', run: 'a1', lines: [] });
    expect(host.has('slept')).toBe(false);
  });

  test('answers as soon as the node is set up', async () => {
    const { looked } = await waitingLook();
    host.write('var/lib/llmos/bootstrapped', '');
    expect(await looked).toMatchObject({ stage: 'done' });
  });

  test('answers as soon as the unit has failed', async () => {
    const { looked } = await waitingLook();
    host.unit('llmos.service', { ...RUNNING, ActiveState: 'failed', Result: 'exit-code' });
    expect(await looked).toMatchObject({ stage: 'failed', result: 'exit-code' });
  });

  test('answers when the unit says something that was not read yet', async () => {
    host.write('journal', 'one\n');
    const { looked } = await waitingLook('1');
    host.write('journal', 'one\ntwo\n');
    expect(await looked).toMatchObject({ stage: 'running', lines: ['two'], cursor: '2' });
  });

  test('does not wait for a unit that nobody starts', async () => {
    host.unit('llmos.service', { ActiveState: 'inactive', Result: 'success' });
    expect(await look(undefined, 60)).toMatchObject({ stage: 'configured' });
  });
});
