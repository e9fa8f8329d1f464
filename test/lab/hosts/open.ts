/**
 * A lab to look around in: `npx ts-node -T test/lab/hosts/open.ts m1 m2 w1` boots hosts of these names, prints how to log in,
 * and removes everything when it is interrupted.
 */
import { Lab } from './lab';

async function open(names: readonly string[]): Promise<void> {
  const lab = await Lab.create({ name: 'open' });
  // Whoever interrupts while the hosts boot gets a clean machine too.
  const interrupted = new Promise<void>((resolve) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.once(signal, () => resolve())));
  try {
    for (const name of names) await lab.addHost(name);
    await Promise.race([interrupted, Promise.all(lab.hosts.map((host) => host.boot()))]);
    for (const host of lab.hosts) console.log(`${host.name}: ssh -i ${lab.privateKeyPath} -o UserKnownHostsFile=${host.knownHostsPath} root@${host.address}`);
    console.log('interrupt to remove them');
    const alive = setInterval(() => undefined, 60_000);
    await interrupted;
    clearInterval(alive);
  } finally {
    await lab.destroy();
  }
}

open(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
