// The phases of a run, each with its heading and the time it took.
import { log } from './log.mjs';

/** @returns {{ phase: <T>(name: string, work: () => Promise<T>) => Promise<T>, times: () => string }} */
export function phases() {
  const done = [];
  const phase = async (name, work) => {
    log(`\n== ${name}`);
    const started = Date.now();
    try {
      return await work();
    } finally {
      done.push(`${name} ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
  };
  return { phase, times: () => done.join(', ') };
}
