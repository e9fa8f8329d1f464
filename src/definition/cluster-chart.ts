import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { MANAGED_BY } from '../llmos/fence';
import { REGISTRATION_PORT, parseKubernetesVersion } from '../llmos/kubernetes-version';
import { formatProblem } from '../problem';
import { httpsUrl } from './address';
import type { ClusterChartProps } from './cluster-chart-props';
import type { ClusterDefinition } from './cluster-definition';
import { clusterProblems } from './cluster-rules';
import { ManagementPool, type ManagementPoolProps } from './management-pool';
import { MembershipManifest } from './membership-manifest';
import { NodePool } from './node-pool';
import { requirePlain } from './plain';
import { RejoinFence } from './rejoin-fence';
import { RemovalAccess } from './removal-access';
import { validateCluster } from './validate-cluster';
import { WorkerPool, type WorkerPoolProps } from './worker-pool';

/**
 * One LLMOS cluster: its pools, and the manifests that follow from them.
 *
 * The chart's id is the cluster's name. All problems of a definition are collected and thrown at once when it is
 * synthesised, and when Pulumi is about to carry it out.
 *
 * @example
 * const cluster = new ClusterChart(app, 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: 'prod.example.com' });
 * cluster.addManagementPool('management', { machines: [{ name: 'm1', address: '192.0.2.11' }] });
 */
export class ClusterChart extends Chart {
  private readonly props: ClusterChartProps;
  private judged?: { readonly pools: number; readonly problems: string[] };

  /** @throws Problem where the registration address is an Output */
  constructor(scope: Construct, id: string, props: ClusterChartProps) {
    super(scope, id, { labels: MANAGED_BY });
    requirePlain(props.registrationAddress, () => `registrationAddress of cluster '${id}'`, 'where machines join');
    this.props = props;
    this.node.addValidation({ validate: () => this.problems });

    new MembershipManifest(this, 'membership', () => this.definition);
    new RejoinFence(this, 'rejoin-fence');
    new RemovalAccess(this, 'removal-access');
  }

  /** What is wrong with the cluster as a whole. A pool is never changed, so this stays until one is added. */
  private get problems(): string[] {
    const { pools } = this;
    if (this.judged?.pools !== pools.length) {
      this.judged = { pools: pools.length, problems: clusterProblems(this.node.id, this.props, pools).map(formatProblem) };
    }
    return this.judged.problems;
  }

  /** Adds the pool of management nodes; there is exactly one. @throws Problem where `count`, the machines or a name or zone is an Output */
  addManagementPool(id: string, props: ManagementPoolProps): ManagementPool {
    return new ManagementPool(this, id, props);
  }

  /** Adds a pool of worker nodes. @throws Problem where `count`, the machines or a name or zone is an Output */
  addWorkerPool(id: string, props: WorkerPoolProps): WorkerPool {
    return new WorkerPool(this, id, props);
  }

  /** The pools of this cluster wherever they are below the chart, management first. */
  get pools(): readonly NodePool[] {
    const pools = this.node.findAll().filter((construct): construct is NodePool => construct instanceof NodePool && Chart.of(construct) === this);
    return [...pools.filter((pool) => pool instanceof ManagementPool), ...pools.filter((pool) => !(pool instanceof ManagementPool))];
  }

  /**
   * Checks the definition, as synthesis does.
   *
   * @throws DefinitionError with everything that is wrong with it
   */
  validate(): void {
    validateCluster(this);
  }

  /**
   * The definition as plain, frozen data.
   *
   * @throws DefinitionError with everything that is wrong with it
   */
  get definition(): ClusterDefinition {
    this.validate();
    const { kubernetesVersion, registrationAddress, llmosVersion, maxUnavailable, confirmRemoval = [] } = this.props;
    const { mirror, systemDefaultRegistry, globalSystemImageRegistry, runtimeInstallerImage, llmosInstallerImage, tlsSans } = this.props;
    const { distribution } = parseKubernetesVersion(kubernetesVersion);
    const registrationPort = this.props.registrationPort ?? REGISTRATION_PORT[distribution];
    const { pools } = this;
    const management = pools.find((pool) => pool instanceof ManagementPool);
    return Object.freeze({
      name: this.node.id,
      kubernetesVersion,
      distribution,
      llmosVersion,
      maxUnavailable,
      registrationAddress,
      registrationPort,
      registrationUrl: httpsUrl(registrationAddress, registrationPort),
      settings: Object.freeze({ mirror, systemDefaultRegistry, globalSystemImageRegistry, runtimeInstallerImage, llmosInstallerImage, tlsSans }),
      pools: Object.freeze(pools.map((pool) => pool.definition)),
      nodes: Object.freeze(pools.flatMap((pool) => pool.nodes)),
      confirmRemoval: Object.freeze(confirmRemoval.map((each) => (typeof each === 'string' ? each : Object.freeze({ ...each })))),
      failureTolerance: management?.failureTolerance,
      zoneFailureTolerance: management?.zoneFailureTolerance,
      allowEven: management?.allowEven,
    });
  }
}
