import type { Adapters } from '../membership/session';
import type { SshOptions } from './ssh/options';

/** What decides how machines and API servers are reached. */
export interface AdapterOptions {
  /** A folder; everything is simulated there. @default - real machines */
  readonly rehearsal?: string;
  /** How machines are reached over SSH; each may have its own user, port and host key. */
  readonly connection: SshOptions;
  /** Reaches the API server directly. @default - through the SSH connection to a management node */
  readonly kubeconfig?: string;
}

/** The two ports made real, or rehearsed. Each implementation is loaded when it is needed: none of them is light. */
export function createAdapters(options: AdapterOptions): Adapters {
  return options.rehearsal === undefined ? realAdapters(options) : rehearsedAdapters(options.rehearsal);
}
