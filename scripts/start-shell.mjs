// A shell that shows what it does: every command as a person would type it, and of its output what tells the story.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Explained, root } from './main.mjs';

/**
 * @typedef {(line: string) => { text: string, passing?: boolean } | undefined} Show what is shown of a line, if anything
 * @param {{ env: NodeJS.ProcessEnv, logFile: string, colors: import('picocolors/types').Colors }} options `logFile` gets everything
 */
export function shell({ env, logFile, colors }) {
  const everything = createWriteStream(logFile);
  const screen = lines();

  /**
   * Shows and runs a command.
   * @param {readonly string[]} words
   * @param {{ quiet?: readonly string[], show?: Show, refused?: boolean }} [options]
   *   `quiet`: further arguments that the reader need not see; `refused`: the command has to fail, because a refusal is what
   *   is to be seen
   * @throws {Explained} where it does not end as it should
   */
  async function type(words, { quiet = [], show = (text) => ({ text }), refused = false } = {}) {
    screen.print(`\n${colors.green('$')} ${colors.bold(words.map(quoted).join(' '))}`);
    everything.write(`$ ${[...words, ...quiet].join(' ')}\n`);
    const [command, ...args] = words;
    const child = spawn(command, [...args, ...quiet], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    const read = async (stream) => {
      for await (const line of createInterface({ input: stream })) {
        everything.write(`${line}\n`);
        const shown = show(line);
        if (shown) screen.print(refused ? colors.yellow(indented(shown.text)) : indented(shown.text), shown);
      }
    };
    await Promise.all([read(child.stdout), read(child.stderr)]);
    const status = await ended;
    if ((status !== 0) === refused) return;
    throw new Explained(refused
      ? `${words.join(' ')} should have been refused and was not. This is a fault of llmos-nodes; please report it with ${logFile}.`
      : `${words.join(' ')} failed (exit ${status}). Everything it said is in ${logFile}.`);
  }

  return { type, close: () => everything.end() };
}

/** Prints lines; a passing one is overwritten by the next, and is not printed at all where lines cannot be overwritten. */
function lines() {
  let passed = false;
  const terminal = process.stdout.isTTY;
  return {
    print(text, { passing = false } = {}) {
      if (passing && !terminal) return;
      // A line that wraps could not be taken back.
      const shown = passing ? text.slice(0, process.stdout.columns - 1) : text;
      process.stdout.write(`${passed ? '\r\x1b[2K' : ''}${shown}${passing ? '' : '\n'}`);
      passed = passing;
    },
  };
}

const indented = (text) => (text === '' ? '' : `  ${text}`);

// The repository's folder is where the reader stands.
const quoted = (word) => {
  if (word.startsWith(`${root}/`)) return `"$PWD${word.slice(root.length)}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
};
