import type { PodView } from '../../membership/ports/cluster-api';
import type { V1Pod } from './kubernetes-types';

/** What a drain looks at of a Pod. */
export function podView({ metadata = {}, status = {} }: V1Pod): PodView {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    phase: status.phase ?? 'Unknown',
    ready: status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    ownerKind: metadata.ownerReferences?.find(({ controller }) => controller)?.kind,
    deleting: metadata.deletionTimestamp !== undefined,
    // From a list it is a date, from a watch a text. The API server has put the grace period into it already.
    endsBy: metadata.deletionTimestamp === undefined ? undefined : new Date(metadata.deletionTimestamp).getTime(),
  };
}
