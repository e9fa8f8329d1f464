import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A comment as GitHub and GitLab give it, as far as the script looks. */
export interface Comment {
  readonly id: number;
  readonly user?: { readonly login: string };
  readonly author?: { readonly username: string };
  body: string;
}

/** The comments of one pull or merge request behind an API like GitHub's and GitLab's; it answers who may write. */
export class CommentsServer {
  readonly comments: Comment[] = [];
  /** `POST /path` of everything that was asked, without queries. */
  readonly requests: string[] = [];
  private readonly server: Server;

  /** @param author how a comment that was just written names its author */
  constructor(private readonly author: Pick<Comment, 'user' | 'author'>, private readonly credential: string) {
    this.server = createServer((request, response) => {
      void this.answer(request).then(([status, content]) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<[number, unknown]> {
    const url = new URL(request.url!, 'http://localhost');
    this.requests.push(`${request.method} ${url.pathname}`);
    if (![request.headers.authorization, request.headers['private-token']].includes(this.credential)) return [401, {}];
    if (url.pathname === '/user') return [200, this.author.author];
    if (request.method === 'GET') {
      const size = Number(url.searchParams.get('per_page'));
      const start = (Number(url.searchParams.get('page')) - 1) * size;
      return [200, this.comments.slice(start, start + size)];
    }
    const { body } = await readJson(request);
    if (request.method === 'POST') {
      this.comments.push({ id: this.comments.length + 1, ...this.author, body });
      return [201, this.comments.at(-1)];
    }
    const found = this.comments.find(({ id }) => url.pathname.endsWith(`/${id}`));
    if (found === undefined) return [404, {}];
    found.body = body;
    return [200, found];
  }
}

async function readJson(request: IncomingMessage): Promise<{ body: string }> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as { body: string };
}
