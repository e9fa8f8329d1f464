// Lines that tell what goes on, on standard error: standard output belongs to the answer.
// A terminal shows one running clock; a log file would fill with it.
const TICK_SECONDS = process.stderr.isTTY ? 1 : 10;
let passingLine = false;

/**
 * Prints a line. A passing one is overwritten by the next on a terminal, and is an ordinary line everywhere else.
 * @param {string} text
 * @param {{ passing?: boolean }} [options]
 */
export function log(text, { passing = false } = {}) {
  const terminal = process.stderr.isTTY;
  const back = terminal && passingLine ? '\r\x1b[2K' : '';
  passingLine = terminal && passing;
  process.stderr.write(`${back}${text}${passingLine ? '' : '\n'}`);
}

/**
 * Does work that takes a while and shows that it is alive.
 * @template T
 * @param {string} label what is being done
 * @param {() => Promise<T>} work
 * @param {typeof log} [print]
 * @returns {Promise<T>}
 */
export async function whileWorking(label, work, print = log) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  print(`${label} …`, { passing: true });
  const ticks = setInterval(() => print(`${label} … ${seconds()} s`, { passing: true }), TICK_SECONDS * 1000);
  try {
    const result = await work();
    print(`${label}: ${seconds()} s`);
    return result;
  } finally {
    clearInterval(ticks);
  }
}
