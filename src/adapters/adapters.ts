import { API_PORT } from '../llmos/ports';
import type { Adapters } from '../membership/session';
import type { SshMachine } from './ssh';
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

function realAdapters({ connection, kubeconfig }: AdapterOptions): Adapters {
  const { connectSsh } = require('./ssh') as typeof import('./ssh');
  const { connectKubernetes } = require('./kubernetes') as typeof import('./kubernetes');
  const machine = connectSsh(connection);
  return {
    machine,
    apiIsDirect: kubeconfig !== undefined,
    async api(via, purpose) {
      const serviceAccount = purpose === 'remove';
      if (kubeconfig !== undefined) return connectKubernetes({ kubeconfig, serviceAccount });
      const server = via as SshMachine;
      const { port } = await server.forward(API_PORT);
      return connectKubernetes({ kubeconfig: await server.kubeconfig(), server: `https://127.0.0.1:${port}`, serviceAccount });
    },
  };
}

function rehearsedAdapters(folder: string): Adapters {
  const { openRehearsal } = require('./rehearsal') as typeof import('./rehearsal');
  const rehearsal = openRehearsal(folder);
  return { machine: node => rehearsal.machine(node), api: async via => rehearsal.api(via) };
}
