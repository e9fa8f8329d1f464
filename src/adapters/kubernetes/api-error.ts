import { STATUS_CODES } from 'node:http';
import { Problem, type ProblemProps } from '../../problem';
import type { V1Status } from './kubernetes-types';

/** HTTP answers that another attempt can turn into a good one. etcd changing its leader shows as 500. */
const TRANSIENT_CODES = [408, 429, 500, 502, 503, 504];

/** Codes of Node's TLS errors: a certificate does not become right by asking again. */
const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|HOSTNAME/;

interface ApiErrorProps extends ProblemProps {
  /** HTTP status. @default - none: there was no answer */
  readonly code?: number;
  /** The Status object the API server answered with. @default - none */
  readonly status?: Partial<V1Status>;
  /** Asking again may help. */
  readonly transient: boolean;
}

/** A request to the API server that failed. */
export class ApiError extends Problem {
  readonly code?: number;
  readonly status: Partial<V1Status>;
  readonly transient: boolean;

  constructor({ code, status, transient, ...problem }: ApiErrorProps) {
    super(problem);
    this.name = 'ApiError';
    this.code = code;
    this.status = status ?? {};
    this.transient = transient;
  }

  /** The API server's own words; empty where it gave none. */
  get said(): string {
    return this.status.message ?? '';
  }
}

/** True for an answer with that HTTP status. */
export function hasCode(error: unknown, code: number): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

/** @param what what was asked for, as it follows "cannot": `read node 'w1'` */
export function answered(server: string, what: string, code: number, body: unknown): ApiError {
  const status = statusOf(body);
  const said = status.message ?? STATUS_CODES[code] ?? `HTTP status ${code}`;
  return new ApiError({
    subject: 'API server',
    value: server,
    rule: `cannot ${what}: ${said}`,
    remedy: remedyFor(code),
    code,
    status,
    // More than one PodDisruptionBudget over a pod is answered with 500 as well, and stays.
    transient: TRANSIENT_CODES.includes(code) && !/disruption/i.test(said),
  });
}

/** No answer at all: refused, broken off, a wrong certificate. */
export function unanswered(server: string, what: string, cause: unknown): ApiError {
  const { code = '', message: given } = cause as { code?: string; message: string };
  // node-fetch puts the URL in front, which the subject says already.
  const message = given.replace(/^request to .* failed, reason: /, '');
  if (CERTIFICATE_ERROR.test(code)) {
    return new ApiError({
      subject: 'API server',
      value: server,
      rule: `cannot ${what}: its certificate does not verify, ${message}`,
      remedy: "use the cluster's own kubeconfig, and an address or tlsServerName its certificate covers (tlsSans in LLMOS's config)",
      transient: false,
    });
  }
  return new ApiError({
    subject: 'API server',
    value: server,
    rule: `cannot ${what}: ${message}`,
    remedy: 'check that the Kubernetes service runs on that management node and can be reached from here',
    transient: true,
  });
}

/** Asked, and nothing came in time. */
export function hanging(server: string, what: string, seconds: number): ApiError {
  return new ApiError({
    subject: 'API server',
    value: server,
    rule: `did not ${what} within ${seconds} s; an API server hangs with the etcd it talks to`,
    remedy: "check etcd on that management node and the cluster's quorum, or go through another management node",
    transient: true,
  });
}

function remedyFor(code: number): string {
  switch (code) {
    case 401:
      return 'the credential is not accepted: use a current kubeconfig of this cluster';
    case 403:
      return "apply the manifests of the cluster's chart, which hold the rights this needs, or use the administrator's kubeconfig";
    default:
      return "see the Kubernetes service's journal on that management node and run this again: what is done already is kept";
  }
}

/** Errors come back as JSON text, or as plain text from what stands in front of the API server. */
function statusOf(body: unknown): Partial<V1Status> {
  if (typeof body !== 'string') {
    return (body as Partial<V1Status> | undefined) ?? {};
  }
  try {
    return JSON.parse(body) as Partial<V1Status>;
  } catch {
    return { message: body.trim().slice(0, 500) };
  }
}
