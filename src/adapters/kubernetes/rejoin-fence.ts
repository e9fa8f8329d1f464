import { type Manifest, REJOIN_FENCE, REMOVED_NODES_CONFIG_MAP, SYSTEM_NAMESPACE, rejoinFenceBinding, rejoinFencePolicy, removedNodesConfigMap } from '../../llmos/fence';
import { type EntryChanges, entryChanges, readEntries, readEntry, readTokenChange, type RemovalRecord, type RemovedNode } from '../../llmos/removed-node';
import { Problem } from '../../problem';
import type { ApiClient } from './api-client';
import { ApiError, hasCode } from './api-error';
import type { KubernetesObject } from './kubernetes-types';
import { FIELD_MANAGER } from './node-labels';

const LIST = { name: REMOVED_NODES_CONFIG_MAP, namespace: SYSTEM_NAMESPACE };

/** An API server sees a new policy or a changed list a moment after it was written. */
const PROOF_SECONDS = 15;

/** The fence as it stands in the cluster. */
export class RejoinFence {
  /**
   * @param client reads the fence, proves it and changes the list
   * @param installer writes the policy and its binding, for which a removal's own account has no right
   * @param proofSeconds how long {@link holds} may take
   */
  constructor(private readonly client: ApiClient, private readonly installer: ApiClient, private readonly proofSeconds = PROOF_SECONDS) {}

  /** Makes what is missing and mends what is different; writes nothing where all is as it should be. */
  async ensure(): Promise<void> {
    await this.ensureList();
    for (const manifest of [rejoinFencePolicy(), rejoinFenceBinding()]) {
      const present = await this.read(manifest);
      if (present === undefined || !contains(present, manifest)) {
        await this.install(manifest);
      }
    }
  }

  async add(name: string, record: RemovalRecord): Promise<void> {
    await this.ensureList();
    const entries = await this.list();
    // A node may be called like something that every object has, such as 'constructor'.
    const known = Object.hasOwn(entries, name) ? entries[name] : undefined;
    const removedAt = known === undefined ? new Date().toISOString() : readEntry(name, known).removedAt;
    const change = entryChanges.fence(name, record, removedAt);
    if (known !== change[name]) {
      await this.patchList(change);
    }
  }

  async remove(name: string): Promise<void> {
    const removed = (await this.removed()).find((each) => each.fenced && each.name === name);
    if (removed !== undefined) {
      await this.patchList(entryChanges.unfence(removed));
    }
  }

  async removed(): Promise<RemovedNode[]> {
    return readEntries(await this.list());
  }

  async tokenChangedBy(): Promise<string | undefined> {
    return readTokenChange(await this.list());
  }

  async beginTokenChange(by: string, removed: readonly RemovedNode[]): Promise<void> {
    await this.patchList(entryChanges.beginTokenChange(by, removed));
  }

  async endTokenChange(removed: readonly RemovedNode[]): Promise<void> {
    await this.patchList(entryChanges.endTokenChange(removed));
  }

  /**
   * True as soon as a dry-run create of that Node is refused by our rule; false when it is not in time. It holds for the API
   * server that is asked: the others learn of a change by the same kind of watch, at about the same time.
   */
  async holds(name: string): Promise<boolean> {
    const { default: retry } = await import('p-retry');
    const startedAt = Date.now();
    const notYet = new Error('not refused by the fence');
    return retry(async () => {
      if (!(await this.refuses(name))) {
        throw notYet;
      }
      return true;
    }, {
      forever: true,
      minTimeout: 200,
      maxTimeout: 1000,
      shouldRetry: (error) => error === notYet && Date.now() - startedAt < this.proofSeconds * 1000,
    }).catch((error) => {
      if (error === notYet) {
        return false;
      }
      throw error;
    });
  }

  private async refuses(name: string): Promise<boolean> {
    try {
      await this.client.call(`try whether the fence refuses node '${name}'`, ({ core }) =>
        core.createNode({ body: { metadata: { name } }, dryRun: 'All', fieldManager: FIELD_MANAGER }));
      return false;
    } catch (error) {
      if (error instanceof ApiError && error.said.includes(`ValidatingAdmissionPolicy '${REJOIN_FENCE}'`)) {
        // Our rule answers with 403. A policy that cannot be evaluated yet refuses every name, with 422, which proves nothing.
        return error.code === 403;
      }
      // The look whether a Node of that name exists comes after admission, which therefore let it through.
      if (hasCode(error, 409)) {
        return false;
      }
      throw error;
    }
  }

  private async ensureList(): Promise<void> {
    const list = removedNodesConfigMap();
    if (await this.read(list) === undefined) {
      // Applied, not created: only then does the name stand in the URL, and a right to create can be tied to it.
      await this.apply(this.client, list);
    }
  }

  private async list(): Promise<Record<string, string>> {
    try {
      const { data } = await this.client.call('read the removed nodes', ({ core }) => core.readNamespacedConfigMap(LIST));
      return data ?? {};
    } catch (error) {
      if (hasCode(error, 404)) {
        return {};
      }
      throw error;
    }
  }

  private async patchList(data: EntryChanges): Promise<void> {
    await this.client.call('change the removed nodes', ({ core }) =>
      core.patchNamespacedConfigMap({ ...LIST, body: { data }, fieldManager: FIELD_MANAGER }, this.client.patchAs('MergePatch')));
  }

  private async read({ apiVersion, kind, metadata }: Manifest): Promise<KubernetesObject | undefined> {
    try {
      return await this.client.call(`read ${kind} '${metadata.name}'`, ({ objects }) => objects.read({ apiVersion, kind, metadata }));
    } catch (error) {
      if (hasCode(error, 404)) {
        return undefined;
      }
      throw error;
    }
  }

  private async install(manifest: Manifest): Promise<void> {
    try {
      await this.apply(this.installer, manifest);
    } catch (error) {
      if (hasCode(error, 404)) {
        throw new Problem({
          subject: 'the rejoin fence',
          rule: `this cluster does not serve ${manifest.kind} ${manifest.apiVersion}, so that a removed node could come back`,
          remedy: 'upgrade it to Kubernetes 1.30 or newer first',
        });
      }
      throw error;
    }
  }

  private async apply(client: ApiClient, manifest: Manifest): Promise<void> {
    await client.call(`apply ${manifest.kind} '${manifest.metadata.name}'`, ({ objects }) =>
      objects.patch(manifest as KubernetesObject, undefined, undefined, FIELD_MANAGER, true, client.strategy('ServerSideApply')));
  }
}

/** Whether everything in `wanted` is in `present`, which has the API server's defaults as well. */
function contains(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(present) && present.length === wanted.length && wanted.every((each, index) => contains(present[index], each));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    return typeof present === 'object' && present !== null
      && Object.entries(wanted).every(([key, value]) => contains((present as Record<string, unknown>)[key], value));
  }
  return present === wanted;
}
