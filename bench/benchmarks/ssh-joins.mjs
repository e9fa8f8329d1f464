// Joins over real SSH to hosts on this machine, with a real API server: fifty at once against Ansible doing the same steps, what a
// single one costs in round trips, and how long after its node is Ready it is over.
import { join } from 'node:path';
import { Explained } from '../../scripts/main.mjs';
import { labParts } from '../../scripts/lab-parts.mjs';
import { LabPartsError } from '../../scripts/lab-parts/store.mjs';
import { log } from '../../scripts/log.mjs';
import { ansible } from '../loopback-hosts/ansible.mjs';
import { prepareYard, runInYard } from '../loopback-hosts/yard.mjs';
import { missed, result } from '../measure.mjs';

const program = join(import.meta.dirname, '..', 'programs', 'measure-ssh-joins.mjs');
const OVERHEAD_SECONDS = 0.5;
/** What docs/performance.md explains one by one: SSH connections and commands, and API requests, of one worker that joins or leaves alone. */
const EXPLAINED = { join: { ssh: 23, api: 15 }, removal: { ssh: 19, api: 22 } };

const ABOUT = [
  { name: 'ssh-joins-50', what: 'pulumi up that lets 50 workers join over SSH, each installing for 1 s; floor: ansible-core with 50 forks doing the same', unit: 's', target: 0.5 },
  { name: 'ssh-per-join', what: 'SSH connections and commands of a worker that joins alone; floor: those explained', unit: 'round trips', target: 1 },
  { name: 'ssh-per-removal', what: 'SSH connections and commands of a worker that leaves alone; floor: those explained', unit: 'round trips', target: 1 },
  { name: 'api-per-join', what: 'API requests of a worker that joins alone; floor: those explained', unit: 'requests', target: 1 },
  { name: 'api-per-removal', what: 'API requests of a worker that leaves alone; floor: those explained', unit: 'requests', target: 1 },
  { name: 'api-while-waiting', what: 'API requests of 50 joins that wait 11 s each; floor: those of 50 that wait 1 s', unit: 'requests', target: 1.1 },
  { name: 'join-overhead', what: `from a node's first moment as Ready until its resource is created; floor: ${OVERHEAD_SECONDS} s`, unit: 's', target: 1 },
];
const [JOINS, SSH_JOIN, SSH_REMOVAL, API_JOIN, API_REMOVAL, WAITING, OVERHEAD] = ABOUT;

export const names = ABOUT.map(({ name }) => name);

/** @param {{ pulumi: string }} tools */
export async function run({ pulumi }) {
  let environment;
  try {
    await prepareYard({ log });
    await labParts({ log });
    environment = await ansible();
  } catch (error) {
    if (!(error instanceof LabPartsError || error instanceof Explained)) throw error;
    return ABOUT.map(about => missed(about, error.message.replace(/\s*\n\s*-?\s*/g, ' ').trim()));
  }
  const { single, joins, waiting } = await runInYard([program, pulumi, environment]);
  const against = (floor, of) => single.map(each => ({ ours: of(each), floor }));
  return [
    result(JOINS, joins),
    result(SSH_JOIN, against(EXPLAINED.join.ssh, each => roundTrips(each.join))),
    result(SSH_REMOVAL, against(EXPLAINED.removal.ssh, each => roundTrips(each.removal))),
    result(API_JOIN, against(EXPLAINED.join.api, each => each.join.requests.length)),
    result(API_REMOVAL, against(EXPLAINED.removal.api, each => each.removal.requests.length)),
    result(WAITING, [{ ours: waiting.long, floor: waiting.short }]),
    result(OVERHEAD, against(OVERHEAD_SECONDS, ({ overhead }) => overhead)),
  ];
}

const roundTrips = ({ ofWorker, ofManagement }) => ofWorker + ofManagement;
