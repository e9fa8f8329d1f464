// Measures joins over real SSH to hosts on this machine; runs in a yard and prints its figures as JSON. usage: PULUMI ANSIBLE
import { tmpdir } from 'node:os';
import { StandingCluster } from '../loopback-hosts/standing-cluster.mjs';
import { SshStack } from '../loopback-hosts/ssh-stack.mjs';
import { Playbook } from '../loopback-hosts/ansible.mjs';
import { inTurn } from '../measure.mjs';
import { log } from '../../scripts/log.mjs';

const WORKERS = 50;
const INSTALL_SECONDS = 1;
const SINGLE_JOINS = 5;
const LONG_INSTALL_SECONDS = 11;

const [pulumi, environment] = process.argv.slice(2);
const cluster = await StandingCluster.create({ folder: tmpdir(), workers: WORKERS, installSeconds: INSTALL_SECONDS });
const stack = await SshStack.create(pulumi, cluster);

/** What is asked of the worker, of the management node and of the API server while something is done. */
async function counted(worker, act) {
  const { management, controlPlane } = cluster;
  const look = () => [worker, management].map(({ counts }) => counts.connections + counts.commands);
  const [before, asked] = [look(), controlPlane.requests.length];
  await act();
  const [ofWorker, ofManagement] = look().map((count, index) => count - before[index]);
  return { ofWorker, ofManagement, requests: controlPlane.requests.slice(asked) };
}

/** One worker of a name that was never there before: lifting its fence would be counted, too. */
async function joinsAndLeaves(worker) {
  await cluster.renewWorkers();
  await stack.reset();
  let overhead;
  const join = await counted(worker, async () => {
    await stack.declare([worker]);
    const ready = cluster.controlPlane.readyAt(worker.name);
    const created = await stack.upUntilCreated(worker.name);
    overhead = (created - await ready) / 1000;
  });
  const removal = await counted(worker, async () => {
    await stack.declare([], [worker.name]);
    await stack.up();
  });
  return { overhead, join, removal };
}

async function ours() {
  await cluster.renewWorkers();
  await stack.reset();
  await stack.declare(cluster.workers);
  return mustBeReady(await stack.up('--parallel', String(WORKERS + 10)), 'pulumi up');
}

const playbook = await Playbook.create(environment, cluster);
async function theirs() {
  await cluster.renewWorkers();
  return mustBeReady(await playbook.run(), 'ansible-playbook');
}

async function mustBeReady(seconds, who) {
  const ready = await cluster.controlPlane.readyWorkers();
  if (ready !== WORKERS) throw new Error(`after ${who} ${ready} of ${WORKERS} workers are Ready`);
  log(`${who}: ${WORKERS} workers in ${seconds.toFixed(1)} s`);
  return seconds;
}

// First of all: whoever was removed is fenced, and would not join by Ansible.
const joins = await inTurn(ours, theirs);
const [first, ...others] = cluster.workers;
await joinsAndLeaves(first);
const single = [];
for (const worker of others.slice(0, SINGLE_JOINS)) single.push(await joinsAndLeaves(worker));

/** The API requests of all joins together, each of which waits so long. */
async function requestsWhileWaiting(seconds) {
  await Promise.all(cluster.workers.map(worker => worker.installsFor(seconds)));
  const asked = cluster.controlPlane.requests.length;
  await ours();
  return cluster.controlPlane.requests.length - asked;
}
await stack.reset();
const waiting = { long: await requestsWhileWaiting(LONG_INSTALL_SECONDS), short: await requestsWhileWaiting(INSTALL_SECONDS) };
console.log(JSON.stringify({ single, joins, waiting }));
// What runs here goes with this process.
process.exit(0);
