import { LOCK_LEASE } from '../../llmos/access';
import { SYSTEM_NAMESPACE } from '../../llmos/fence';
import type { Lease } from '../../membership/ports/cluster-api';
import type { ApiClient } from './api-client';
import { hasCode } from './api-error';
import type { V1Lease } from './kubernetes-types';

const LEASE = { name: LOCK_LEASE, namespace: SYSTEM_NAMESPACE };

/** The Lease behind the lock, as the API server keeps it. */
export class LockLease {
  constructor(private readonly client: ApiClient) {}

  async read(): Promise<Lease | undefined> {
    try {
      return view(await this.client.call('read the lock', ({ coordination }) => coordination.readNamespacedLease(LEASE)));
    } catch (error) {
      if (hasCode(error, 404)) {
        return undefined;
      }
      throw error;
    }
  }

  /** The resourceVersion makes the API server refuse whoever read an older state. */
  async write({ holder, acquiredAt, renewedAt, durationSeconds }: Omit<Lease, 'version'>, version: string | undefined): Promise<Lease | undefined> {
    const body: V1Lease = {
      apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...LEASE, resourceVersion: version },
      spec: {
        holderIdentity: holder, leaseDurationSeconds: durationSeconds,
        acquireTime: this.client.microTime(acquiredAt), renewTime: this.client.microTime(renewedAt),
      },
    };
    try {
      return view(await this.client.call('write the lock', ({ coordination }) => (version === undefined
        ? coordination.createNamespacedLease({ namespace: SYSTEM_NAMESPACE, body })
        : coordination.replaceNamespacedLease({ ...LEASE, body }))));
    } catch (error) {
      if (hasCode(error, 409)) {
        return undefined;
      }
      throw error;
    }
  }
}

function view({ metadata, spec }: V1Lease): Lease {
  return {
    holder: spec?.holderIdentity ?? '',
    acquiredAt: milliseconds(spec?.acquireTime),
    renewedAt: milliseconds(spec?.renewTime),
    durationSeconds: spec?.leaseDurationSeconds ?? 0,
    version: metadata?.resourceVersion ?? '',
  };
}

/** The client library says that a moment is a date, and hands over the text that the API server wrote. */
function milliseconds(moment: Date | undefined): number {
  return moment === undefined ? 0 : new Date(moment).getTime();
}
