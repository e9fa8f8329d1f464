import { SshConnection } from './connection';
import { endpoint, type SshOptions, type SshTarget } from './options';
import { SshMachine } from './ssh-machine';

export { HostUnreachable } from './connection-problems';
export type { Forward } from './forward';
export type { BastionOptions, SshOptions, SshTarget } from './options';
export { SshMachine } from './ssh-machine';

/**
 * How machines are had over SSH. Nothing connects before it is used, and all machines share the bastion's one connection.
 * Host keys are always checked; a key that is not known is refused with its fingerprint and the line that makes it known.
 */
export function connectSsh(options: SshOptions = {}): (target: SshTarget) => SshMachine {
  const { bastion } = options;
  const through = bastion && new SshConnection(endpoint({ ...bastion, address: bastion.host, port: bastion.port ?? 22 }, options), options);
  return target => new SshMachine(new SshConnection(endpoint(target, options), options, through));
}
