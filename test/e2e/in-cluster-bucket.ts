import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** An S3 server of its own on a free port of loopback, with one bucket, kept in memory. */
export class Bucket {
  private constructor(private readonly server: ChildProcess, private readonly name: string, readonly endpoint: string) {}

  /** @param binary what scripts/s3-server.mjs made */
  static async start(binary: string, name: string): Promise<Bucket> {
    const server = spawn(binary, ['-host', '127.0.0.1:0', '-backend', 'memory', '-initialbucket', name, '-quiet'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    const port = await new Promise<string>((resolve, reject) => {
      server.once('error', reject);
      server.once('exit', () => reject(new Error(`the S3 server ended: ${said}`)));
      server.stderr!.on('data', chunk => {
        said += String(chunk);
        const [, found] = /using port: (\d+)/.exec(said) ?? [];
        if (found) resolve(found);
      });
    });
    return new Bucket(server, name, `http://127.0.0.1:${port}`);
  }

  /** Names of the objects below a folder, with what tells one content of each from another. */
  async objects(prefix: string): Promise<{ readonly key: string; readonly etag: string }[]> {
    const response = await fetch(`${this.endpoint}/${this.name}?list-type=2&prefix=${encodeURIComponent(prefix)}`);
    const listing = await response.text();
    return [...listing.matchAll(/<Key>(.*?)<\/Key>.*?<ETag>(.*?)<\/ETag>/gs)].map(([, key, etag]) => ({ key: key!, etag: etag! }));
  }

  async read(key: string): Promise<string> {
    const response = await fetch(`${this.endpoint}/${this.name}/${key}`);
    if (!response.ok) throw new Error(`${key}: ${response.status}`);
    return response.text();
  }

  async stop(): Promise<void> {
    const exited = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await exited;
  }
}
