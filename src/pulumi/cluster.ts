import {
  ComponentResource, Config, RunError, all, output, secret, type ComponentResourceOptions, type CustomResourceOptions, type Output,
} from '@pulumi/pulumi';
import type { Provider } from '@pulumi/kubernetes';

import { DefinitionError, type ClusterDefinition, type NodeDefinition } from '../definition';
import { ZONE_LABEL, type NodeRole } from '../llmos/node';
import { serverUrl } from '../membership/node-target';
import { failureTolerance, majority, zoneFailureTolerance } from '../quorum';
import { formatProblem } from '../problem';
import { argumentProblems } from './argument-problems';
import type { ClusterArgs } from './cluster-args';
import { applyManifests } from './manifests';
import { fingerprint } from './fingerprint';
import { Kubeconfig, Membership, Node, type Inputs } from './resources';
import type { ConnectionState, Credentials, DeadlineState, NodeState } from './state';
import { withoutCallStack } from './without-call-stack';

/** The quorum of a membership, in figures. */
export interface QuorumState {
  /** Names of the management nodes. */
  readonly members: readonly string[];
  readonly majority: number;
  /** How many management nodes may fail. */
  readonly failureTolerance: number;
  /** How many zones may fail. */
  readonly zoneFailureTolerance: number;
}

/** A node of the cluster, as an output. */
export interface NodeSummary {
  readonly role: NodeRole;
  readonly zone?: string;
  readonly address: string;
}

/**
 * An LLMOS cluster: the definition carried out. Management nodes join and leave one by one, workers side by side; a change
 * that would cost the quorum, or removes a node nobody confirmed, fails in the preview.
 *
 * `customTimeouts` are the deadlines of joining (`create`) and removing (`delete`) one node. @default 20 minutes each
 * @throws Error with every problem of the definition, before anything is registered
 */
export class Cluster extends ComponentResource {
  /** The quorum once this change is done. */
  readonly quorum: Output<QuorumState>;
  /** The nodes once this change is done, by name: so that one that joins or leaves is one entry of the preview. */
  readonly nodes: Output<Readonly<Record<string, NodeSummary>>>;
  /**
   * Where the etcd snapshot lies that was taken before the latest change of the management nodes, host first:
   * `m1:/var/lib/rancher/k3s/server/db/snapshots/before-…`. Empty until there was such a change.
   */
  readonly snapshot: Output<string>;

  private readonly name: string;
  private readonly definition: ClusterDefinition;
  private readonly registered: Registered;
  private readonly credentials: Output<Credentials> | undefined;
  private kubeconfigResource?: Kubeconfig;
  private providerResource?: Provider;

  constructor(name: string, args: ClusterArgs, opts: ComponentResourceOptions = {}) {
    const definition = checkedDefinition(args);
    super('llmos:index:Cluster', name, {}, opts);
    this.name = name;
    this.definition = definition;
    this.credentials = secretCredentials(args);

    this.registered = withoutCallStack(() => this.registerNodes(args, deadlines(opts)));
    this.snapshot = output(this.registered.membership.snapshot).apply(place => place ?? '');

    const { nodes } = definition;
    const zones = nodes.filter(({ role }) => role === 'management').map(({ zone }) => zone);
    const members = nodes.filter(({ role }) => role === 'management').map(node => node.name);
    this.quorum = output({
      members, majority: majority(members.length), failureTolerance: failureTolerance(members.length),
      zoneFailureTolerance: zoneFailureTolerance(zones),
    });
    this.nodes = output(Object.fromEntries(nodes.map(({ name: nodeName, role, zone, address }) => [nodeName, { role, zone, address }])));

    const rehearsed = new Config('llmos').get('rehearsal') !== undefined;
    if (args.applyManifests ?? !rehearsed) applyManifests(name, args.chart, { parent: this, provider: this.provider });
    this.registerOutputs({ quorum: this.quorum, nodes: this.nodes });
  }

  /** The administrator's kubeconfig, for the registration address. Secret; read from the cluster when it is first asked for. */
  get kubeconfig(): Output<string> {
    const { name: cluster, registrationAddress, registrationPort } = this.definition;
    // 9345 is RKE2's port for joining machines; its API server is where everybody's is.
    const server = serverUrl(registrationAddress, registrationPort === 9345 ? 6443 : registrationPort);
    this.kubeconfigResource ??= new Kubeconfig(`${this.name}-kubeconfig`, { cluster, server },
      { ...this.childOptions(), dependsOn: [...this.registered.nodes] });
    return secret(this.kubeconfigResource.kubeconfig);
  }

  /** A @pulumi/kubernetes provider for this cluster; made when it is first asked for. */
  get provider(): Provider {
    if (!this.providerResource) {
      // Loaded here and not on top: a program that never asks for it does not need the package's plugin.
      const { Provider: KubernetesProvider } = require('@pulumi/kubernetes') as typeof import('@pulumi/kubernetes');
      this.providerResource = new KubernetesProvider(`${this.name}-kubernetes`, { kubeconfig: this.kubeconfig }, this.childOptions());
    }
    return this.providerResource;
  }

  private registerNodes(args: ClusterArgs, deadlines: DeadlineState): Registered {
    const { name: cluster, nodes, confirmRemoval, settings, kubernetesVersion, registrationAddress, registrationPort, llmosVersion, distribution, maxUnavailable } = this.definition;
    const membership = new Membership(this.name, {
      cluster, registrationAddress, registrationPort, settings: { kubernetesVersion, ...settings }, confirmRemoval,
      nodes: nodes.map(nodeInputs),
      connection: openConnection(args),
      installer: { ...args.installer, version: llmosVersion, ...(args.installer?.images === undefined && args.registries === undefined ? {} : { distribution }) },
      maxParallelJoins: args.maxParallelJoins, bootSeconds: bootSeconds(args, nodes),
      ...(args.registries === undefined ? {} : { registries: secret(args.registries) }),
      deadlines, maxUnavailable,
      ...this.secretInputs(),
    }, this.childOptions());

    const management: Node[] = [];
    const workers: Node[] = [];
    for (const node of nodes) {
      const isManagement = node.role === 'management';
      // All earlier management nodes, not only the one before: the engine orders deletes by direct dependencies among the
      // deleted, so removing m2 and m4 of a plain chain would run both at once. Workers need the last one, which needs the rest.
      const after = isManagement ? [...management] : management.slice(-1);
      const resource = new Node(`${this.name}-${node.name}`, {
        cluster, ...nodeInputs(node), kubernetesVersion, llmosVersion,
        ...(isManagement && management.length === 0 ? { initialise: membership.initialise.apply(first => first === node.name) } : {}),
        ...this.secretInputs(),
      }, {
        // Those that come after the first depend on the Membership through it: named once more, it would be a hundred bytes of each state.
        ...this.childOptions(), dependsOn: after.length === 0 ? [membership] : after,
      });
      (isManagement ? management : workers).push(resource);
    }
    return { membership, nodes: [...management, ...workers] };
  }

  private childOptions(): CustomResourceOptions {
    return { parent: this };
  }

  private secretInputs(): { readonly credentials?: Output<Credentials> } {
    return this.credentials === undefined ? {} : { credentials: this.credentials };
  }
}

interface Registered {
  readonly membership: Membership;
  readonly nodes: readonly Node[];
}

/** @throws RunError, which the engine shows without a stack, where the definition or an argument is wrong; nothing is registered then */
function checkedDefinition(args: ClusterArgs): ClusterDefinition {
  const wrong = argumentProblems(args).map(formatProblem);
  try {
    const { definition } = args.chart;
    if (wrong.length === 0) return definition;
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    wrong.unshift(...error.problems);
  }
  throw new RunError(new DefinitionError(wrong).message);
}

/** A node as its resource takes it, and as short as it can be: the pool is for review only, the zone label follows from the zone. */
function nodeInputs({ pool: _, hostKey, labels, taints, ...node }: NodeDefinition): Inputs<NodeState> {
  const { [ZONE_LABEL]: __, ...own } = labels;
  return {
    ...node,
    ...(Object.keys(own).length === 0 ? {} : { labels: own }),
    ...(taints.length === 0 ? {} : { taints }),
    ...(hostKey === undefined ? {} : { hostKey: typeof hostKey === 'string' ? fingerprint(hostKey) : output(hostKey).apply(fingerprint) }),
  };
}

/** What of the connection may stand in the state in the open. */
function openConnection({ connection = {} }: ClusterArgs): ConnectionState {
  const { privateKey: _, passphrase: __, bootTimeoutSeconds: ___, ...open } = connection;
  return open;
}

/** A machine whose address is an Output is made by the same program, and may still be booting when it is looked at. */
function bootSeconds({ connection }: ClusterArgs, nodes: readonly NodeDefinition[]): number | undefined {
  return connection?.bootTimeoutSeconds ?? (nodes.some(({ address }) => typeof address !== 'string') ? BOOT_SECONDS : undefined);
}

function secretCredentials({ connection, kubeconfig }: ClusterArgs): Output<Credentials> | undefined {
  const { privateKey, passphrase } = connection ?? {};
  if (privateKey === undefined && passphrase === undefined && kubeconfig === undefined) return undefined;
  return secret(all({ privateKey, passphrase, kubeconfig }) as Output<Credentials>);
}

const BOOT_SECONDS = 300;
const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Pulumi hands customTimeouts to the engine and not to dynamic providers, so they are carried as inputs. */
function deadlines({ customTimeouts = {} }: CustomResourceOptions): DeadlineState {
  const seconds = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smh])/g)];
    return parts.reduce((sum, [, figure, unit]) => sum + Number(figure) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS], 0);
  };
  return { create: seconds(customTimeouts.create), update: seconds(customTimeouts.update), delete: seconds(customTimeouts.delete) };
}
