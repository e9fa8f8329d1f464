// What a management node serves: a real Kubernetes API server over a real etcd, and in front of it, as with k3s, a supervisor that hands
// API requests on. Only the supervisor and the kubelets are stood in for, and the requests of clients are counted here.
import { createServer as createHttpServer } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../scripts/run.mjs';

const require = createRequire(import.meta.url);
require('ts-node/register/transpile-only');
const { ApiServer } = require('../../test/lab/api-server.ts');

const VERSION = 'v1.34.4+k3s1';
/** A kubelet reports a moment after it registered. */
const READY_AFTER_MS = 300;
const LABELS = { 'node-role.kubernetes.io/control-plane': 'true', 'node-role.kubernetes.io/etcd': 'true' };

export class ControlPlane {
  /** Requests of clients since the start: `GET /api/v1/nodes`. */
  requests = [];
  #servers = [];

  /** @param {{ name: string, address: string, token: string, folder: string }} props the management node, the join token, and where certificates may lie */
  static async start(props) {
    const plane = Object.assign(new ControlPlane(), props);
    plane.api = await ApiServer.start();
    const { clusters: [{ cluster }], users: [{ user }] } = JSON.parse(plane.api.kubeconfig);
    plane.upstream = { ca: Buffer.from(cluster['certificate-authority-data'], 'base64'), agent: new Agent({ keepAlive: true }) };
    plane.authorization = `Bearer ${user.token}`;
    await plane.#serve();
    await plane.#register(props.name, '0'.repeat(32), LABELS, [condition('Ready', 'True'), condition('EtcdIsVoter', 'True')]);
    return plane;
  }

  /** The administrator's kubeconfig as it lies on the management node: it leads to the supervisor. */
  get kubeconfig() {
    const config = JSON.parse(this.api.kubeconfig);
    config.clusters[0].cluster = { server: 'https://127.0.0.1:6443', 'certificate-authority-data': this.certificate.toString('base64') };
    return JSON.stringify(config);
  }

  async forgetWorkers() {
    const { items } = await this.ask('GET', '/api/v1/nodes');
    await Promise.all(items.filter(({ metadata }) => metadata.name !== this.name).map(({ metadata }) => this.ask('DELETE', `/api/v1/nodes/${metadata.name}`)));
  }

  async readyWorkers() {
    const { items } = await this.ask('GET', '/api/v1/nodes');
    return items.filter(({ metadata, status }) => metadata.name !== this.name && isReady(status)).length;
  }

  /** The moment at which a watch first shows that node as Ready, in milliseconds as Date.now() has them. */
  async readyAt(node) {
    const { metadata } = await this.ask('GET', '/api/v1/nodes');
    return new Promise((resolve, reject) => {
      const watch = this.#open('GET', `/api/v1/nodes?watch=1&fieldSelector=metadata.name%3D${node}&resourceVersion=${metadata.resourceVersion}`, {}, response => {
        let rest = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop();
          if (!lines.some(line => isReady(JSON.parse(line).object.status))) return;
          resolve(Date.now());
          watch.destroy();
        });
      });
      watch.on('error', reject);
      watch.end();
    });
  }

  async stop() {
    for (const server of this.#servers) server.closeAllConnections();
    this.upstream.agent.destroy();
    await this.api.stop();
  }

  /** A request of this program's own, which is not counted. */
  ask(method, path, body, type = 'application/json') {
    return new Promise((resolve, reject) => {
      const asked = this.#open(method, path, { 'content-type': type }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        if (response.statusCode < 300) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async #serve() {
    const [key, certificate] = ['key', 'crt'].map(end => join(this.folder, `supervisor.${end}`));
    await mustRun('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=supervisor',
      '-addext', `subjectAltName=IP:127.0.0.1,IP:${this.address}`, '-keyout', key, '-out', certificate]);
    this.certificate = await readFile(certificate);
    const tls = { key: await readFile(key), cert: this.certificate };
    const supervisor = createServer(tls, (asked, answer) => this.#answer(asked, answer));
    await listen(supervisor, 6443);
    const operator = createServer(tls, (asked, answer) => {
      answer.writeHead(asked.headers.authorization === `Bearer ${this.token}` ? 200 : 401).end(JSON.stringify({ k8sVersion: VERSION, llmosOperatorVersion: 'v0.3.1' }));
    });
    await listen(operator, 8443);
    const health = createHttpServer((_asked, answer) => answer.end('{"health":"true","reason":""}'));
    await listen(health, 2381);
    this.#servers = [supervisor, operator, health];
  }

  async #answer(asked, answer) {
    const { pathname, searchParams } = new URL(asked.url, 'https://supervisor');
    if (pathname === '/ping') return answer.end('pong');
    if (pathname === '/db/info') return answer.end(JSON.stringify({ members: [{ ID: '1', name: `${this.name}-00000001`, peerURLs: [`https://${this.address}:2380`] }] }));
    if (pathname.startsWith('/standin/nodes/')) {
      if (asked.headers.authorization !== `Bearer ${this.token}`) return answer.writeHead(401).end();
      await this.#register(pathname.split('/').at(-1), searchParams.get('machine'), {}, [condition('Ready', 'False')]);
      setTimeout(() => this.#report(pathname.split('/').at(-1)), READY_AFTER_MS);
      return answer.end();
    }
    this.requests.push(`${asked.method} ${asked.url}`);
    const upstream = this.#open(asked.method, asked.url, asked.headers, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      answer.flushHeaders();
      response.pipe(answer);
    });
    upstream.on('error', () => answer.destroy());
    answer.on('close', () => upstream.destroy());
    asked.pipe(upstream);
  }

  #open(method, path, headers, onResponse) {
    return request(`${this.api.url}${path}`, { ...this.upstream, method, headers: { authorization: this.authorization, ...headers } }, onResponse);
  }

  async #register(name, machineID, labels, conditions) {
    await this.ask('POST', '/api/v1/nodes', {
      apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/os': 'linux', ...labels } },
      status: { conditions, nodeInfo: nodeInfo(machineID) },
    });
  }

  async #report(name) {
    await this.ask('PATCH', `/api/v1/nodes/${name}/status`, { status: { conditions: [condition('Ready', 'True')] } }, 'application/strategic-merge-patch+json');
  }
}

const condition = (type, status) => ({ type, status, reason: 'Standin', message: status === 'True' ? '' : 'its network is not ready', lastHeartbeatTime: now(), lastTransitionTime: now() });
const now = () => new Date().toISOString().replace(/\.\d+/, '');
const isReady = status => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
const nodeInfo = machineID => ({
  machineID, kubeletVersion: VERSION, architecture: 'amd64', bootID: '', containerRuntimeVersion: '', kernelVersion: '', kubeProxyVersion: '', operatingSystem: 'linux', osImage: '', systemUUID: '',
});
const listen = (server, port) => new Promise((resolve, reject) => server.once('error', reject).listen(port, '0.0.0.0', resolve));
