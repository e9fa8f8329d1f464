import type { Eviction } from '../../membership/ports/cluster-api';
import { ApiError } from './api-error';

/**
 * What a refused eviction means. Everything that may pass with time is `blocked`, so that the drain asks again until its own
 * deadline and then names the reason.
 *
 * @throws the error itself where no further asking helps
 */
export function refusedEviction(error: unknown): Eviction {
  if (!(error instanceof ApiError)) {
    throw error;
  }
  switch (error.code) {
    case 404: // gone
    case 409: // another pod of that name, with another UID
      return { kind: 'gone' };
    case 429: // a PodDisruptionBudget
    case 500: // several PodDisruptionBudgets over one pod: Kubernetes evicts it under none of them
      return { kind: 'blocked', reason: reasonOf(error) };
    case 403:
      if (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')) {
        return { kind: 'blocked', reason: error.said };
      }
      throw error;
    default:
      throw error;
  }
}

/** How the API server words a budget that allows no disruption now. Source: its eviction subresource. */
const EXHAUSTED = /^The disruption budget (\S+) needs (\d+) healthy pods and has (\d+) currently$/;

/** The budget's name and its figures stand in the cause; the message itself only says that there is one. */
function reasonOf({ status, said }: ApiError): string {
  const causes = (status.details?.causes ?? []).flatMap(({ message }) => (message ? [message] : []));
  return causes.length === 0 ? said : causes.map((cause) => cause.replace(EXHAUSTED, "budget '$1' allows 0 disruptions now: it needs $2 healthy pods and has $3")).join('; ');
}
