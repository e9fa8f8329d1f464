import { Agent, type AgentOptions } from 'node:https';
import { ApiError, answered, hanging, unanswered } from './api-error';
import type { Credential } from './credential';
import type { CoordinationV1Api, CoreV1Api, KubeConfig, KubernetesModule, KubernetesObjectApi } from './kubernetes-types';
import { type WatchEvent, watchStream } from './watch-stream';

/** How long one request may take. */
const REQUEST_SECONDS = 10;
/** How long a request that fails at once is repeated: an API server restarts within this time. */
const RETRY_SECONDS = 10;

/** How many connections requests share: each takes a handshake and, through SSH, a channel of its own. */
const CONNECTIONS = 10;

export interface Apis {
  readonly core: CoreV1Api;
  readonly coordination: CoordinationV1Api;
  /** For kinds that are known by their manifest. */
  readonly objects: KubernetesObjectApi;
}

/**
 * Requests with a deadline, repeated while the API server is away for a moment, and with errors made for reading.
 * Everything this library asks for may be asked twice, writes included, so that all of it is repeated.
 */
export class ApiClient {
  private apis?: { readonly config: KubeConfig; readonly value: Apis };

  constructor(private readonly kubernetes: KubernetesModule, private readonly credential: Credential, readonly server: string) {}

  /**
   * @param what what is asked for, as it follows "cannot": `read node 'w1'`
   * @throws ApiError after at most 20 s
   */
  async call<T>(what: string, request: (apis: Apis) => Promise<T>): Promise<T> {
    const { default: retry } = await import('p-retry');
    const startedAt = Date.now();
    return retry(() => this.once(what, request), {
      forever: true,
      minTimeout: 250,
      maxTimeout: 2000,
      shouldRetry: (error) => error instanceof ApiError && error.transient && Date.now() - startedAt < RETRY_SECONDS * 1000,
    });
  }

  /** A moment as Leases write it. */
  microTime(milliseconds: number) {
    return new this.kubernetes.V1MicroTime(milliseconds);
  }

  /** The content type that says how a patch is meant. */
  strategy(name: 'MergePatch' | 'ServerSideApply') {
    return this.kubernetes.PatchStrategy[name];
  }

  /** Options of a request that patches: without them the client library sends a JSON patch. */
  patchAs(name: 'MergePatch' | 'ServerSideApply') {
    return this.kubernetes.setHeaderOptions('Content-Type', this.strategy(name));
  }

  /** One watch, until the server ends it, `signal` aborts it, or it breaks (then it throws). */
  async watch(path: string, query: Readonly<Record<string, string>>, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void> {
    await watchStream({ config: await this.credential.current(), path, query, onEvent, signal, connectSeconds: REQUEST_SECONDS });
  }

  /** As {@link call}, without repeating it. */
  async once<T>(what: string, request: (apis: Apis) => Promise<T>): Promise<T> {
    try {
      return await request(await this.apisNow());
    } catch (error) {
      throw this.readable(what, error);
    }
  }

  private async apisNow(): Promise<Apis> {
    const config = await this.credential.current();
    if (this.apis?.config !== config) {
      this.apis = { config, value: this.makeApis(config) };
    }
    return this.apis.value;
  }

  private makeApis(config: KubeConfig): Apis {
    let agent: Agent | undefined;
    const { CoordinationV1Api, CoreV1Api, KubernetesObjectApi, ServerConfiguration, createConfiguration } = this.kubernetes;
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(this.server, {}),
      authMethods: { default: config },
      promiseMiddleware: [{
        pre: async (request) => {
          // The client library makes an agent for each request, and with it a connection; all those of one config have the same settings.
          agent ??= keptAlive(request.getAgent());
          if (agent !== undefined) request.setAgent(agent);
          request.setSignal(AbortSignal.timeout(REQUEST_SECONDS * 1000));
          return request;
        },
        post: async (response) => response,
      }],
    });
    return { core: new CoreV1Api(configuration), coordination: new CoordinationV1Api(configuration), objects: new KubernetesObjectApi(configuration) };
  }

  private readable(what: string, error: unknown): unknown {
    if (error instanceof this.kubernetes.ApiException) {
      return answered(this.server, what, error.code, error.body);
    }
    // The names node-fetch gives its errors; it is the client library's, so its classes are not at hand.
    switch ((error as Error).name) {
      case 'AbortError':
        return hanging(this.server, what, REQUEST_SECONDS);
      case 'FetchError':
        return unanswered(this.server, what, error);
      default:
        return isUnknownKind(error) ? answered(this.server, what, 404, { message: error.message }) : error;
    }
  }
}

/** An agent with the same settings whose connections are used again. One that leads through a proxy stays as it is. */
function keptAlive(made: object | undefined): Agent | undefined {
  if (made?.constructor !== Agent) return undefined;
  const { options } = made as Agent & { readonly options: AgentOptions };
  return new Agent({ ...options, keepAlive: true, maxSockets: CONNECTIONS });
}

/** How the client library says that the API server does not serve a kind. */
function isUnknownKind(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('Unrecognized API version and kind');
}
