import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An HTTPS server on loopback with a certificate nobody knows, like a k3s server seen from a joining host. */
export class HttpsServer {
  /** What it was asked, newest last. */
  readonly requests: IncomingMessage[] = [];
  answer: RequestListener = (_request, response) => response.end();
  private readonly folder = mkdtempSync(join(tmpdir(), 'llmos-https-'));
  private readonly server;

  constructor() {
    const [key, certificate] = [join(this.folder, 'key'), join(this.folder, 'certificate')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=test', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    this.server = createServer({ key: readFileSync(key), cert: readFileSync(certificate), requestCert: true, rejectUnauthorized: false }, (request, response) => {
      this.requests.push(request);
      this.answer(request, response);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
