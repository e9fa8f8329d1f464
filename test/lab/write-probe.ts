import { Agent, request } from 'node:https';

import { parse } from 'yaml';

/** Credentials of a kubeconfig, as TLS wants them. */
interface Credentials {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface ProbeResult {
  /** Writes the API server acknowledged. */
  readonly acknowledged: number;
  /** Acknowledged writes that are not there at the end. */
  readonly lost: readonly string[];
  /** From the first try of a write to its acknowledgement, the longest of all, in seconds. */
  readonly longestWaitSeconds: number;
}

/** One write, from its first try to its acknowledgement. */
export interface Wait {
  readonly seconds: number;
  /** When it began, in UTC, as the hosts' journals have it. */
  readonly since: string;
  /** What became of the tries before the one that was acknowledged: `10.99.1.11 after 2000 ms: hangs`. */
  readonly tries: readonly string[];
}

const INTERVAL_MILLISECONDS = 100;
/** After this long an API server counts as hanging and the next one is tried. */
const HANGS_MILLISECONDS = 2_000;
const NAMESPACE = 'default';
const NO_WAIT: Wait = { seconds: 0, since: '', tries: [] };

/**
 * A client that lives through a change of the cluster: it writes an object every 100 ms, knows every management address and
 * moves on when one hangs. What an API server acknowledged must be there at the end.
 */
export class WriteProbe {
  private readonly credentials: Credentials;
  private readonly agent: Agent;
  /** Tells what this probe writes from what an earlier one wrote into the same cluster. */
  private readonly run = Date.now().toString(36);
  private readonly acknowledged: string[] = [];
  private longest = 0;
  private lapLongest: Wait = NO_WAIT;
  private underWay: Promise<void> = Promise.resolve();
  private current = 0;
  private stopping = false;
  private abandoned = false;
  private running?: Promise<void>;

  /** @param addresses of every management host there will be; those that are none yet are passed over */
  constructor(kubeconfig: string, private readonly addresses: readonly string[]) {
    this.credentials = credentialsOf(kubeconfig);
    this.agent = new Agent({ keepAlive: true });
  }

  start(): void {
    this.running = this.write();
  }

  /** Writes that were acknowledged so far. */
  get count(): number {
    return this.acknowledged.length;
  }

  /** The longest wait since this was asked before. One that goes on is waited for and counts. */
  async lap(): Promise<Wait> {
    await this.underWay;
    const longest = this.lapLongest;
    this.lapLongest = NO_WAIT;
    return longest;
  }

  /** Sends the next writes to this address, until it fails. */
  turnTo(address: string): void {
    this.current = this.addresses.indexOf(address);
  }

  /** Ends a writing that nobody asks about any more: the cluster is gone. */
  abandon(): void {
    this.stopping = true;
    this.abandoned = true;
    this.agent.destroy();
  }

  /** Ends the writing and compares what was acknowledged with what is there. */
  async stop(): Promise<ProbeResult> {
    this.stopping = true;
    await this.running;
    const there = new Set(await this.names());
    this.agent.destroy();
    return { acknowledged: this.acknowledged.length, lost: this.acknowledged.filter(name => !there.has(name)), longestWaitSeconds: this.longest };
  }

  private async write(): Promise<void> {
    for (let count = 0; !this.stopping; count++) {
      const name = `probe-${this.run}-${count}`;
      this.underWay = this.writeOne(name);
      await this.underWay;
      await pause(INTERVAL_MILLISECONDS);
    }
  }

  private async writeOne(name: string): Promise<void> {
    const startedAt = new Date();
    const tries: string[] = [];
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { probe: this.run } } });
    await this.until(async () => {
      const [address, triedAt] = [this.addresses[this.current], Date.now()];
      const status = await this.ask('POST', '', body).then(answer => answer.status, (error: Error) => error.message);
      // 409 is this very write, acknowledged by a server that hung before it could say so.
      if (status === 201 || status === 409) return true;
      tries.push(`${address} after ${Date.now() - triedAt} ms: ${status}`);
      return false;
    });
    this.acknowledged.push(name);
    const seconds = (Date.now() - startedAt.getTime()) / 1000;
    this.longest = Math.max(this.longest, seconds);
    if (seconds > this.lapLongest.seconds) this.lapLongest = { seconds, since: startedAt.toISOString(), tries };
  }

  private async names(): Promise<string[]> {
    let items: { metadata: { name: string } }[] = [];
    await this.until(async () => {
      const { status, text } = await this.ask('GET', `?labelSelector=probe%3D${this.run}`);
      if (status === 200) ({ items } = JSON.parse(text) as { items: typeof items });
      return status === 200;
    });
    return items.map(({ metadata }) => metadata.name);
  }

  private async until(done: () => Promise<boolean>): Promise<void> {
    for (;;) {
      if (this.abandoned || await done().catch(() => false)) return;
      this.current = (this.current + 1) % this.addresses.length;
      await pause(20);
    }
  }

  private ask(method: string, query: string, body?: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const call = request({
        host: this.addresses[this.current], port: 6443, method, path: `/api/v1/namespaces/${NAMESPACE}/configmaps${query}`,
        agent: this.agent, ...this.credentials, headers: { 'content-type': 'application/json' }, timeout: HANGS_MILLISECONDS,
      }, response => {
        let text = '';
        response.on('data', chunk => { text += chunk; });
        response.on('end', () => resolve({ status: response.statusCode!, text }));
        response.on('error', reject);
      });
      call.on('timeout', () => call.destroy(new Error('hangs')));
      call.on('error', reject);
      call.end(body);
    });
  }
}

function credentialsOf(kubeconfig: string): Credentials {
  const { clusters, users } = parse(kubeconfig) as {
    clusters: { cluster: { 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
  };
  const decode = (text: string) => Buffer.from(text, 'base64');
  return {
    ca: decode(clusters[0]!.cluster['certificate-authority-data']),
    cert: decode(users[0]!.user['client-certificate-data']),
    key: decode(users[0]!.user['client-key-data']),
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
