// `npm run test:lab`: the same library on real hosts. Further arguments go to jest.
import { totalmem } from 'node:os';
import { Explained, whenStarted } from './main.mjs';
import { log } from './log.mjs';
import { phases } from './phases.mjs';
import { install } from './install.mjs';
import { ensureBuilt } from './build.mjs';
import { engine } from './engine.mjs';
import { jest } from './jest.mjs';
import { labParts } from './lab-parts.mjs';
import { LabPartsError } from './lab-parts/store.mjs';
import { inOneLine, readResults } from './results.mjs';

whenStarted(import.meta.url, async (args) => {
  mustBeAbleToBootHosts();
  const { phase, times } = phases();
  await phase('dependencies', install);
  await phase('build', ensureBuilt);
  const { env, pulumi } = await phase('engine', () => engine());
  await phase('lab parts', parts);
  const status = await phase('lab', () => jest('lab', [`--maxWorkers=${labsAtOnce()}`, ...args], { ...env, LLMOS_NODES_PULUMI: pulumi }));
  const total = await readResults(['lab'], { mayBeEmpty: args.length > 0 });
  log(`\n${times()}`);
  for (const complaint of total.complaints) log(complaint);
  console.log(inOneLine(total));
  return total.complaints.length > 0 ? 1 : status;
});

/** Every lab has hosts, a network and names of its own, and most of its time is waiting. What two of them need is memory. */
function labsAtOnce() {
  return totalmem() >= 14 * 2 ** 30 ? 2 : 1;
}

async function parts() {
  try {
    await labParts({ log });
  } catch (error) {
    throw error instanceof LabPartsError ? new Explained(error.message) : error;
  }
}

function mustBeAbleToBootHosts() {
  if (process.platform === 'linux' && process.getuid() === 0) return;
  const here = process.platform === 'linux' ? `user ${process.getuid()}` : process.platform;
  throw new Explained([
    `The lab cannot run here (${here}): it boots whole hosts under systemd-nspawn, which takes Linux and root.`,
    'Run it as root on a Linux machine: sudo npm run test:lab. Everything else is in npm test.',
  ].join('\n'));
}
