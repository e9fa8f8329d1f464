import { connect } from 'node:net';

/** How soon a provider whose engine was killed ends as well. */
const LOOK_MILLISECONDS = 1_000;

let watching = false;

/**
 * Ends this provider process when its engine is gone. The engine starts providers in process groups of their own, so one that was
 * killed leaves them running: a join or a removal would go on with nobody to record it, beside the run that follows.
 * Ending in the middle is what every step is made for.
 * @param address `host:port` of the engine, which it gives a provider as its first argument
 */
export function endWithEngine(address: string | undefined = process.argv[2]): void {
  const [, host, port] = /^(.+):(\d+)$/.exec(address ?? '') ?? [];
  if (watching || host === undefined) return;
  watching = true;
  // What is printed for nobody raises an error here, and an error that is printed raises the next one.
  process.stdout.on('error', end);
  process.stderr.on('error', end);
  setInterval(() => {
    const probe = connect(Number(port), host, () => probe.destroy());
    probe.on('error', end);
    probe.unref();
  }, LOOK_MILLISECONDS).unref();
}

function end(): void {
  process.exit(1);
}
