import { CORDONED_FOR, type CordonPurpose } from '../../llmos/cordon';
import { SYSTEM_NAMESPACE } from '../../llmos/fence';
import type { Taint } from '../../llmos/node';
import type { RemovalRecord, RemovedNode } from '../../llmos/removed-node';
import { readSetAside, SET_ASIDE, type SetAside } from '../../llmos/set-aside';
import type { Deadline } from '../../membership/deadline';
import type { Awaited, ClusterApi, Eviction, Lease, NodeView, PodView } from '../../membership/ports/cluster-api';
import { Problem } from '../../problem';
import type { ApiClient } from './api-client';
import { hasCode } from './api-error';
import { refusedEviction } from './eviction';
import type { V1Node, V1Pod } from './kubernetes-types';
import { LockLease } from './lock-lease';
import { FIELD_MANAGER, abandonedLabels } from './node-labels';
import { waitForPasswordGone } from './node-password';
import { TAINTS_ANNOTATION, ownTaints } from './node-taints';
import { nodeView, removeMemberAnnotation } from './node-view';
import { podView } from './pod-view';
import type { RejoinFence } from './rejoin-fence';
import { Watched, listed } from './watched';

/** How often a change made from what was read just before is tried, when somebody else is quicker. */
const CONFLICT_TRIES = 5;

/** The cluster behind one API server. */
export class KubernetesCluster implements ClusterApi {
  private readonly lockLease: LockLease;
  private readonly watchedNodes: Watched<V1Node>;
  /** One for each node that is drained. */
  private readonly watchedPods = new Map<string, Watched<V1Pod>>();

  constructor(private readonly client: ApiClient, private readonly rejoinFence: RejoinFence) {
    this.lockLease = new LockLease(client);
    this.watchedNodes = new Watched({
      list: () => client.once('list nodes', async ({ core }) => listed(await core.listNode())),
      watch: (resourceVersion, seconds, onEvent, signal) =>
        client.watch('/api/v1/nodes', { resourceVersion, timeoutSeconds: String(seconds) }, onEvent, signal),
    });
  }

  async identity(): Promise<string> {
    const namespace = await this.client.call(`read namespace '${SYSTEM_NAMESPACE}'`, ({ core }) => core.readNamespace({ name: SYSTEM_NAMESPACE }));
    return namespace.metadata!.uid!;
  }

  async nodes(): Promise<NodeView[]> {
    const { items } = await this.client.call('list nodes', ({ core }) => core.listNode());
    return items.map(nodeView);
  }

  async node(name: string): Promise<NodeView | undefined> {
    const node = await this.read(name);
    return node === undefined ? undefined : nodeView(node);
  }

  async watchNodes(see: (nodes: () => NodeView[]) => void, signal: AbortSignal): Promise<void> {
    await this.watchedNodes.follow((nodes) => see(() => [...nodes.values()].map(nodeView)), signal);
  }

  async waitForNode(name: string, check: (node: NodeView | undefined) => Awaited, deadline: Deadline): Promise<void> {
    await this.watchedNodes.until(`node '${name}'`, (nodes) => {
      const node = nodes.get(name);
      return check(node === undefined ? undefined : nodeView(node));
    }, deadline);
  }

  async applyNode(name: string, { labels, taints }: { readonly labels: Readonly<Record<string, string>>; readonly taints: readonly Taint[] }): Promise<void> {
    await this.change(name, async (node) => {
      await this.applyLabels(node, labels);
    });
    await this.change(name, async (node) => {
      const { changed, owned, taints: wanted } = ownTaints(node, taints);
      if (changed) {
        await this.merge(name, {
          // The list is replaced as a whole, so it must be the one that was read.
          metadata: { resourceVersion: node.metadata!.resourceVersion, annotations: { [TAINTS_ANNOTATION]: owned === '' ? null : owned } },
          spec: { taints: wanted },
        });
      }
    });
  }

  async cordon(name: string, purpose: CordonPurpose): Promise<void> {
    await this.merge(name, { metadata: { annotations: { [CORDONED_FOR]: purpose } }, spec: { unschedulable: true } });
  }

  async uncordon(name: string): Promise<void> {
    await this.merge(name, { metadata: { annotations: { [CORDONED_FOR]: null } }, spec: { unschedulable: false } });
  }

  async setAside(name: string, mark: SetAside): Promise<void> {
    await this.merge(name, { metadata: { annotations: { [SET_ASIDE]: JSON.stringify(mark) } }, ...(mark.cordoned && { spec: { unschedulable: true } }) });
  }

  async takeBack(name: string): Promise<void> {
    await this.change(name, async ({ metadata = {} }) => {
      const mark = readSetAside(metadata.annotations?.[SET_ASIDE]);
      if (mark === undefined) return;
      await this.merge(name, {
        // Only while it still is the mark that was read.
        metadata: { resourceVersion: metadata.resourceVersion, annotations: { [SET_ASIDE]: null } },
        ...(mark.cordoned && { spec: { unschedulable: false } }),
      });
    });
  }

  async deleteNode(name: string, deadline: Deadline): Promise<void> {
    const uid = (await this.read(name))?.metadata?.uid;
    if (uid !== undefined) {
      await this.delete(name, uid);
      await this.watchedNodes.until(`node '${name}'`, (nodes) => {
        const metadata = nodes.get(name)?.metadata;
        return metadata?.uid !== uid
          ? { done: true }
          : { done: false, reason: `deleted, but these finalizers still hold it: ${metadata.finalizers?.join(', ') ?? 'none'}` };
      }, deadline);
    }
    await waitForPasswordGone(this.client, name, deadline);
  }

  async pods(node: string): Promise<PodView[]> {
    const { items } = await this.client.call(`list the pods of node '${node}'`, ({ core }) => core.listPodForAllNamespaces({ fieldSelector: onNode(node) }));
    return items.map(podView);
  }

  async evict({ namespace, name, uid }: PodView): Promise<Eviction> {
    try {
      await this.client.call(`evict pod '${namespace}/${name}'`, ({ core }) => core.createNamespacedPodEviction({
        namespace,
        name,
        // By UID: a StatefulSet may have put another pod of that name somewhere else by now.
        body: { metadata: { namespace, name }, deleteOptions: { preconditions: { uid } } },
      }));
      return { kind: 'evicted' };
    } catch (error) {
      return refusedEviction(error);
    }
  }

  async deletePod({ namespace, name, uid }: PodView): Promise<void> {
    try {
      await this.client.call(`delete pod '${namespace}/${name}'`, ({ core }) => core.deleteNamespacedPod({ namespace, name, body: { preconditions: { uid } } }));
    } catch (error) {
      // 409: another pod has the name by now.
      if (!hasCode(error, 404) && !hasCode(error, 409)) {
        throw error;
      }
    }
  }

  async waitForPods(node: string, check: (pods: readonly PodView[]) => Awaited, deadline: Deadline): Promise<void> {
    await this.podsOf(node).until(`the pods of node '${node}'`, (pods) => check([...pods.values()].map(podView)), deadline);
  }

  async requestMemberRemoval(name: string): Promise<void> {
    await this.change(name, (node) => this.merge(name, { metadata: { annotations: { [removeMemberAnnotation(node)]: 'true' } } }));
  }

  async withdrawMemberRemoval(name: string): Promise<void> {
    await this.change(name, (node) => this.merge(name, { metadata: { annotations: { [removeMemberAnnotation(node)]: null } } }));
  }

  async ensureFence(): Promise<void> {
    await this.rejoinFence.ensure();
  }

  async fence(name: string, record: RemovalRecord = { removal: 'clean' }): Promise<void> {
    await this.rejoinFence.add(name, record);
  }

  async unfence(name: string): Promise<void> {
    await this.rejoinFence.remove(name);
  }

  async fencedNames(): Promise<string[]> {
    return (await this.removedNodes()).filter(({ fenced }) => fenced).map(({ name }) => name);
  }

  async removedNodes(): Promise<RemovedNode[]> {
    return this.rejoinFence.removed();
  }

  async tokenChangedBy(): Promise<string | undefined> {
    return this.rejoinFence.tokenChangedBy();
  }

  async beginTokenChange(by: string, removed: readonly RemovedNode[]): Promise<void> {
    await this.rejoinFence.beginTokenChange(by, removed);
  }

  async endTokenChange(removed: readonly RemovedNode[]): Promise<void> {
    await this.rejoinFence.endTokenChange(removed);
  }

  async fenceHolds(name: string): Promise<boolean> {
    return this.rejoinFence.holds(name);
  }

  lease(): Promise<Lease | undefined> {
    return this.lockLease.read();
  }

  putLease(lease: Omit<Lease, 'version'>, version: string | undefined): Promise<Lease | undefined> {
    return this.lockLease.write(lease, version);
  }

  async close(): Promise<void> {
    const reason = new Error('the connection to the API server was closed');
    [this.watchedNodes, ...this.watchedPods.values()].forEach((watched) => watched.close(reason));
  }

  private podsOf(node: string): Watched<V1Pod> {
    let pods = this.watchedPods.get(node);
    if (pods === undefined) {
      const fieldSelector = onNode(node);
      pods = new Watched({
        list: () => this.client.once(`list the pods of node '${node}'`, async ({ core }) => listed(await core.listPodForAllNamespaces({ fieldSelector }))),
        watch: (resourceVersion, seconds, onEvent, signal) =>
          this.client.watch('/api/v1/pods', { fieldSelector, resourceVersion, timeoutSeconds: String(seconds) }, onEvent, signal),
      });
      this.watchedPods.set(node, pods);
    }
    return pods;
  }

  private async read(name: string): Promise<V1Node | undefined> {
    try {
      return await this.client.call(`read node '${name}'`, ({ core }) => core.readNode({ name }));
    } catch (error) {
      if (hasCode(error, 404)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Makes a change from the node as it is; again, from a newer one, where somebody else was quicker. */
  private async change(name: string, make: (node: V1Node) => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      const node = await this.read(name);
      if (node === undefined) {
        throw new Problem({ subject: `node '${name}'`, rule: 'it is not in the cluster', remedy: 'let it join first' });
      }
      try {
        return await make(node);
      } catch (error) {
        if (!hasCode(error, 409) || tries === CONFLICT_TRIES) {
          throw error;
        }
      }
    }
  }

  private async applyLabels(node: V1Node, labels: Readonly<Record<string, string>>): Promise<void> {
    const { name, uid, resourceVersion } = node.metadata!;
    const abandoned = abandonedLabels(node, labels);
    if (abandoned.length > 0) {
      // Before the apply, after which nothing would tell any more that they were ours.
      await this.merge(name!, { metadata: { resourceVersion, labels: Object.fromEntries(abandoned.map((label) => [label, null])) } });
    }
    await this.client.call(`apply the labels of node '${name}'`, ({ core }) => core.patchNode({
      name: name!,
      // With its UID, because an apply would otherwise create a Node that has just gone.
      body: { apiVersion: 'v1', kind: 'Node', metadata: { name, uid, labels } },
      fieldManager: FIELD_MANAGER,
      force: true,
    }, this.client.patchAs('ServerSideApply')));
  }

  private async merge(name: string, body: object): Promise<void> {
    await this.client.call(`change node '${name}'`, ({ core }) => core.patchNode({ name, body, fieldManager: FIELD_MANAGER }, this.client.patchAs('MergePatch')));
  }

  private async delete(name: string, uid: string): Promise<void> {
    try {
      await this.client.call(`delete node '${name}'`, ({ core }) => core.deleteNode({ name, body: { preconditions: { uid } } }));
    } catch (error) {
      if (!hasCode(error, 404)) {
        throw error;
      }
    }
  }
}

function onNode(name: string): string {
  return `spec.nodeName=${name}`;
}

