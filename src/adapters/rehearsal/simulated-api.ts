import { setTimeout as delay } from 'node:timers/promises';

import type { CordonPurpose } from '../../llmos/cordon';
import type { Taint } from '../../llmos/node';
import { type EntryChanges, entryChanges, readEntries, readEntry, readTokenChange, type RemovalRecord, type RemovedNode } from '../../llmos/removed-node';
import type { SetAside } from '../../llmos/set-aside';
import type { Deadline } from '../../membership/deadline';
import type { Awaited, ClusterApi, Eviction, Lease, NodeView, PodView } from '../../membership/ports/cluster-api';
import { Problem } from '../../problem';
import { LOOK_MILLISECONDS, type Folder } from './folder';
import { nodeView } from './node-view';
import { deletePod, evictPod, podsOn } from './pods';
import { reconcileNode } from './reconcile-node';
import { requireApi, runningHost } from './server-address';
import type { ClusterState, NodeState } from './state';
import { Unavailable } from './unavailable';
import type { World } from './world';

/** The API server of a rehearsed cluster: it answers while a majority of the voters does, reads included. */
export class SimulatedApi implements ClusterApi {
  /** @param via key of the management host it is reached through. @default - the folder's oldest cluster, from nowhere in particular */
  constructor(private readonly folder: Folder, private readonly via?: string) {}

  async identity(): Promise<string> {
    return this.ask((_world, { identity }) => identity);
  }

  async nodes(): Promise<NodeView[]> {
    return this.ask((world, cluster) => world.nodes(cluster).map(node => nodeView(world, cluster, node)));
  }

  async node(name: string): Promise<NodeView | undefined> {
    return this.ask((world, cluster) => viewOf(world, cluster, name));
  }

  /** Nothing tells of changes that other processes make in the folder, so it is looked into. */
  async watchNodes(see: (nodes: () => NodeView[]) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const nodes = await this.nodes();
      see(() => nodes);
      await delay(LOOK_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  async waitForNode(name: string, check: (node: NodeView | undefined) => Awaited, deadline: Deadline): Promise<void> {
    await this.wait(`node '${name}'`, (world, cluster) => check(viewOf(world, cluster, name)), deadline);
  }

  async applyNode(name: string, { labels, taints }: { readonly labels: Readonly<Record<string, string>>; readonly taints: readonly Taint[] }): Promise<void> {
    await this.change(name, (_world, _cluster, node) => {
      const abandoned = node.applied.labels.filter(label => !(label in labels));
      node.labels = { ...node.labels, ...labels };
      for (const label of abandoned) delete node.labels[label];
      const ours = [...taints.map(taintKey), ...node.applied.taints];
      node.taints = [...node.taints.filter(taint => !ours.includes(taintKey(taint))), ...taints];
      node.applied = { labels: Object.keys(labels), taints: taints.map(taintKey) };
    });
  }

  async cordon(name: string, purpose: CordonPurpose): Promise<void> {
    await this.change(name, (_world, _cluster, node) => { Object.assign(node, { unschedulable: true, cordonedFor: purpose }); });
  }

  async uncordon(name: string): Promise<void> {
    await this.change(name, (_world, _cluster, node) => {
      node.unschedulable = false;
      delete node.cordonedFor;
    });
  }

  async setAside(name: string, mark: SetAside): Promise<void> {
    await this.change(name, (_world, _cluster, node) => { Object.assign(node, { setAside: mark }, mark.cordoned && { unschedulable: true }); });
  }

  async takeBack(name: string): Promise<void> {
    await this.change(name, (_world, _cluster, node) => {
      if (node.setAside?.cordoned) node.unschedulable = false;
      delete node.setAside;
    });
  }

  async deleteNode(name: string, deadline: Deadline): Promise<void> {
    let uid: string | undefined;
    await this.wait(`node '${name}'`, (world, cluster) => {
      const node = world.node(cluster, name);
      // Another Node of that name is not the one that was asked for.
      if (!node || node.uid !== (uid ??= node.uid)) return { done: true };
      node.deleting = true;
      const held = reconcileNode(world, cluster, node);
      return held === undefined ? { done: true } : { done: false, reason: `deleted, but its etcd member is still there: ${held}` };
    }, deadline);
  }

  async pods(node: string): Promise<PodView[]> {
    return this.ask((world, cluster) => podsOfNode(world, cluster, node));
  }

  async evict(pod: PodView): Promise<Eviction> {
    return this.ask((world, cluster) => evictPod(world, cluster, pod));
  }

  async deletePod(pod: PodView): Promise<void> {
    await this.ask((world, cluster) => deletePod(world, cluster, pod));
  }

  async waitForPods(node: string, check: (pods: readonly PodView[]) => Awaited, deadline: Deadline): Promise<void> {
    await this.wait(`the pods of node '${node}'`, (world, cluster) => check(podsOfNode(world, cluster, node)), deadline);
  }

  async requestMemberRemoval(name: string): Promise<void> {
    await this.change(name, (world, cluster, node) => {
      node.removalRequested = true;
      reconcileNode(world, cluster, node);
    });
  }

  async withdrawMemberRemoval(name: string): Promise<void> {
    await this.change(name, (_world, _cluster, node) => { node.removalRequested = false; });
  }

  async ensureFence(): Promise<void> {
    await this.ask((_world, cluster) => { cluster.fencePolicy = true; });
  }

  async fence(name: string, record: RemovalRecord = { removal: 'clean' }): Promise<void> {
    await this.ask((world, cluster) => {
      const known = Object.hasOwn(cluster.removedNodes, name) ? cluster.removedNodes[name] : undefined;
      const removedAt = known === undefined ? new Date(world.now).toISOString() : readEntry(name, known).removedAt;
      changeEntries(cluster, entryChanges.fence(name, record, removedAt));
    });
  }

  async unfence(name: string): Promise<void> {
    await this.ask((_world, cluster) => {
      const removed = readEntries(cluster.removedNodes).find(each => each.fenced && each.name === name);
      if (removed) changeEntries(cluster, entryChanges.unfence(removed));
    });
  }

  async fencedNames(): Promise<string[]> {
    return (await this.removedNodes()).filter(({ fenced }) => fenced).map(({ name }) => name);
  }

  async removedNodes(): Promise<RemovedNode[]> {
    return this.ask((_world, { removedNodes }) => readEntries(removedNodes));
  }

  async tokenChangedBy(): Promise<string | undefined> {
    return this.ask((_world, { removedNodes }) => readTokenChange(removedNodes));
  }

  async beginTokenChange(by: string, removed: readonly RemovedNode[]): Promise<void> {
    await this.ask((_world, cluster) => changeEntries(cluster, entryChanges.beginTokenChange(by, removed)));
  }

  async endTokenChange(removed: readonly RemovedNode[]): Promise<void> {
    await this.ask((_world, cluster) => changeEntries(cluster, entryChanges.endTokenChange(removed)));
  }

  async fenceHolds(name: string): Promise<boolean> {
    return this.ask((_world, { fencePolicy, removedNodes }) => fencePolicy && Object.hasOwn(removedNodes, name));
  }

  async lease(): Promise<Lease | undefined> {
    return this.ask((_world, { lease }) => lease && { ...lease });
  }

  async putLease(lease: Omit<Lease, 'version'>, version: string | undefined): Promise<Lease | undefined> {
    return this.ask((_world, cluster) => {
      if (cluster.lease?.version !== version) return undefined;
      cluster.lease = { ...lease, version: String(Number(version ?? 0) + 1) };
      return { ...cluster.lease };
    });
  }

  async close(): Promise<void> {
    // Nothing is held open: the folder is locked for one operation at a time.
  }

  private ask<T>(work: (world: World, cluster: ClusterState) => T): Promise<T> {
    return this.folder.transact(world => work(world, this.cluster(world)));
  }

  private wait(subject: string, check: (world: World, cluster: ClusterState) => Awaited, deadline: Deadline): Promise<void> {
    return this.folder.wait(subject, world => check(world, this.cluster(world)), deadline);
  }

  private change(name: string, work: (world: World, cluster: ClusterState, node: NodeState) => void): Promise<void> {
    return this.ask((world, cluster) => {
      const node = world.node(cluster, name);
      if (!node) throw new Problem({ subject: `node '${name}'`, rule: 'it is not in the cluster', remedy: 'let it join first' });
      work(world, cluster, node);
    });
  }

  /** @throws Unavailable where nothing answers: no management node through which it is asked, or no quorum behind it */
  private cluster(world: World): ClusterState {
    const cluster = this.via === undefined ? world.clusters[0] : world.cluster(runningHost(world, this.via)?.runtime?.cluster);
    if (!cluster) throw new Unavailable(this.via === undefined ? 'this rehearsal has no cluster yet' : `no management node runs at ${this.via}`);
    requireApi(world, cluster);
    return cluster;
  }
}

function changeEntries(cluster: ClusterState, changes: EntryChanges): void {
  const entries = Object.entries({ ...cluster.removedNodes, ...changes });
  cluster.removedNodes = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

function viewOf(world: World, cluster: ClusterState, name: string): NodeView | undefined {
  const node = world.node(cluster, name);
  return node && nodeView(world, cluster, node);
}

function podsOfNode(world: World, cluster: ClusterState, name: string): PodView[] {
  const node = world.node(cluster, name);
  return node ? podsOn(world, cluster, node) : [];
}

function taintKey({ key, effect }: Taint): string {
  return `${key}:${effect}`;
}
