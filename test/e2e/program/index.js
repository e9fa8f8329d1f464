const pulumi = require('@pulumi/pulumi');
const { App } = require('cdk8s');
const { Cluster, ClusterChart } = require('llmos-nodes');

const config = new pulumi.Config('e2e');
const { name = 'prod', chart: props, management, workers = [], pools = {}, options = {}, args = {}, deferred = [] } = process.env.LLMOS_NODES_E2E_DEFINITION ? JSON.parse(process.env.LLMOS_NODES_E2E_DEFINITION) : config.requireObject('definition');

/** A machine that is made in the same program: its address is known only once it was. */
class Made extends pulumi.dynamic.Resource {
  constructor(machine) {
    super({ create: async inputs => ({ id: 'made', outs: inputs }) }, `made-${machine}`, { address: machines.get(machine).address });
  }
}

const pooled = Object.values(pools).flatMap(pool => pool.machines);
const machines = new Map([...management.machines, ...workers, ...pooled].map(machine => [machine.name, machine]));
const declared = list => list.map(machine => (deferred.includes(machine.name) ? { ...machine, address: new Made(machine.name).address } : machine));

const chart = new ClusterChart(new App(), 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: 'prod.example.com', ...props });
chart.addManagementPool('management', { ...management, machines: declared(management.machines) });
if (workers.length > 0) chart.addWorkerPool('workers', { machines: declared(workers) });
for (const [pool, props] of Object.entries(pools)) chart.addWorkerPool(pool, { ...props, machines: declared(props.machines) });

const privateKey = config.getSecret('privateKey');
const cluster = new Cluster(name, { chart, ...args, ...(privateKey && { connection: { privateKey } }) }, options);

exports.quorum = cluster.quorum;
exports.nodes = cluster.nodes;
exports.snapshot = cluster.snapshot;
if (config.getBoolean('kubeconfig')) exports.kubeconfig = cluster.kubeconfig;
