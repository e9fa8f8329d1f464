import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Client } from 'ssh2';
import { SshConnection } from '../../../src/adapters/ssh/connection';
import { HostUnreachable } from '../../../src/adapters/ssh/connection-problems';
import { endpoint } from '../../../src/adapters/ssh/options';
import { Shell } from '../../../src/adapters/ssh/shell';

/** A connection on which everything about a command arrives in one packet, as it does when this process is busy. */
class OnePacket extends SshConnection {
  constructor(private readonly ending: readonly unknown[] | undefined) {
    super(endpoint({ address: '10.0.0.12' }, {}), {});
  }

  override client(): Promise<Client> {
    const exec = (_command: string, opened: (error: undefined, channel: unknown) => void) => {
      const channel = Object.assign(new PassThrough({ emitClose: false }), { stderr: new PassThrough(), close: () => undefined });
      opened(undefined, channel);
      if (this.ending !== undefined) channel.emit('exit', ...this.ending);
      channel.once('end', () => channel.emit('close'));
    };
    return Promise.resolve(Object.assign(new EventEmitter(), { exec }) as unknown as Client);
  }
}

test('no exit status is missed, however quick the command is', async () => {
  expect((await new Shell(new OnePacket([0])).run('true')).code).toBe(0);
  expect((await new Shell(new OnePacket([7])).run('exit 7')).code).toBe(7);
});

test('a command whose end nobody told is taken for lost, never for a success', async () => {
  await expect(new Shell(new OnePacket(undefined)).run('true')).rejects.toBeInstanceOf(HostUnreachable);
});
