import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where `scripts/lab-parts.mjs` puts the binaries. */
const BINARIES = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'llmos-nodes', 'lab', 'files');
const START_SECONDS = 60;

/** Any text does: the API server knows it from a file of this folder and listens on loopback only. */
const ADMIN_TOKEN = 'administrator-of-a-test';

/** A real etcd, kube-apiserver and, of the controller manager, what counts pods under disruption budgets; on loopback. */
export class ApiServer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-api-'));
  private readonly running: ChildProcess[] = [];
  private etcd!: ChildProcess;
  private apiServer!: ChildProcess;
  private etcdPort = 0;
  private port = 0;

  static async start(): Promise<ApiServer> {
    const server = new ApiServer();
    try {
      await server.startAll();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** The administrator's. */
  get kubeconfig(): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: this.url, 'certificate-authority-data': readFileSync(this.path('ca.crt')).toString('base64') } }],
      users: [{ name: 'admin', user: { token: ADMIN_TOKEN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    });
  }

  /** Ends the API server and starts it again on the same port, over the same etcd. */
  async restart(): Promise<void> {
    await end(this.apiServer);
    await this.startApiServer();
  }

  /** Freezes etcd: what asks it hangs, as with an etcd that lost its quorum. */
  freezeEtcd(): void {
    this.etcd.kill('SIGSTOP');
  }

  thawEtcd(): void {
    this.etcd.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.etcd?.kill('SIGCONT');
    await Promise.all(this.running.map(end));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startAll(): Promise<void> {
    this.makeCertificates();
    [this.etcdPort, this.port] = await freePorts(2);
    const peer = `http://127.0.0.1:${(await freePorts(1))[0]}`;
    const client = `http://127.0.0.1:${this.etcdPort}`;
    this.etcd = this.run('etcd', [
      '--data-dir', this.path('etcd'), '--unsafe-no-fsync',
      '--listen-client-urls', client, '--advertise-client-urls', client,
      '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`,
    ]);
    await this.startApiServer();
    writeFileSync(this.path('kubeconfig'), this.kubeconfig);
    this.run('kube-controller-manager', [
      '--kubeconfig', this.path('kubeconfig'), '--controllers', 'disruption-controller', '--leader-elect=false', '--secure-port', '0',
    ]);
  }

  private async startApiServer(): Promise<void> {
    this.apiServer = this.run('kube-apiserver', [
      '--etcd-servers', `http://127.0.0.1:${this.etcdPort}`,
      '--bind-address', '127.0.0.1', '--secure-port', String(this.port),
      '--tls-cert-file', this.path('server.crt'), '--tls-private-key-file', this.path('server.key'),
      '--token-auth-file', this.path('tokens.csv'), '--authorization-mode', 'RBAC',
      '--service-account-issuer', 'https://test', '--service-account-key-file', this.path('account.key'),
      '--service-account-signing-key-file', this.path('account.key'), '--service-cluster-ip-range', '10.96.0.0/24',
      // No controller makes the default accounts that pods would have to name.
      '--disable-admission-plugins', 'ServiceAccount',
    ]);
    const endsAt = Date.now() + START_SECONDS * 1000;
    while (!(await this.ready())) {
      if (Date.now() > endsAt || this.apiServer.exitCode !== null) {
        throw new Error(`kube-apiserver did not become ready: ${readFileSync(this.path('kube-apiserver.log'), 'utf8').slice(-2000)}`);
      }
      await delay(200);
    }
  }

  private async ready(): Promise<boolean> {
    return new Promise((resolve) => {
      get(`${this.url}/readyz`, { ca: readFileSync(this.path('ca.crt')), headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      }).on('error', () => resolve(false));
    });
  }

  private run(name: string, args: readonly string[]): ChildProcess {
    const log = openSync(this.path(`${name}.log`), 'a');
    const child = spawn(join(BINARIES, name), args, { stdio: ['ignore', log, log] });
    this.running.push(child);
    return child;
  }

  private makeCertificates(): void {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...key, '-subj', '/CN=test-ca', '-keyout', 'ca.key', '-out', 'ca.crt');
    openssl('req', '-x509', ...key, '-subj', '/CN=kube-apiserver', '-CA', 'ca.crt', '-CAkey', 'ca.key',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', 'server.key', '-out', 'server.crt');
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'account.key');
    writeFileSync(this.path('tokens.csv'), `${ADMIN_TOKEN},admin,admin,system:masters\n`);
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
