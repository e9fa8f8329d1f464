import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type RequestOptions, request as httpsRequest } from 'node:https';
import { ApiError, answered, hanging, unanswered } from './api-error';
import type { KubeConfig, KubernetesObject, V1Status } from './kubernetes-types';

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubernetesObject;
}

export interface WatchStreamProps {
  readonly config: KubeConfig;
  /** `/api/v1/nodes` */
  readonly path: string;
  /** Selectors, resourceVersion and timeoutSeconds. */
  readonly query: Readonly<Record<string, string>>;
  readonly onEvent: (event: WatchEvent) => void;
  readonly signal: AbortSignal;
  /** How long the server may take to begin its answer. */
  readonly connectSeconds: number;
}

/**
 * Opens one watch and follows it until the server ends it or `signal` aborts it. The client library's own Watch is not used:
 * it cannot be aborted before the server has begun to answer, so that a hanging server would hold the process for ever.
 *
 * @throws ApiError when the server refuses, hangs, breaks off, or says that it cannot go on from that resourceVersion (410)
 */
export async function watchStream({ config, path, query, onEvent, signal, connectSeconds }: WatchStreamProps): Promise<void> {
  const { server } = config.getCurrentCluster()!;
  const what = `watch ${path}`;
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const request = httpsRequest(`${server}${path}?${new URLSearchParams({ ...query, watch: 'true' })}`, { ...options, signal });
  try {
    const response = await begin(request, connectSeconds, () => hanging(server, what, connectSeconds));
    if (response.statusCode !== 200) {
      throw answered(server, what, response.statusCode!, await textOf(response));
    }
    for await (const line of linesOf(response)) {
      const event = JSON.parse(line) as WatchEvent;
      if (event.type === 'ERROR') {
        const status = event.object as V1Status;
        throw answered(server, what, status.code ?? 500, status);
      }
      onEvent(event);
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error instanceof ApiError ? error : unanswered(server, what, error);
    }
  } finally {
    request.destroy();
  }
}

/** The head of the answer. */
async function begin(request: ClientRequest, seconds: number, late: () => Error): Promise<IncomingMessage> {
  const timer = setTimeout(() => request.destroy(late()), seconds * 1000);
  try {
    const response = once(request, 'response') as Promise<[IncomingMessage]>;
    request.end();
    return (await response)[0];
  } finally {
    clearTimeout(timer);
    // Aborting it later is an error event as well, and nobody else listens any more.
    request.on('error', () => {});
  }
}

/** By hand, because readline does not pass on the errors of what it reads from. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') {
    yield rest;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const line of linesOf(response)) {
    text += `${line}\n`;
  }
  return text;
}
