// A shell that shows what it does: every command as a person would type it, and of its output what tells the story.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Explained, root } from './main.mjs';

/**
 * @param {{ env: NodeJS.ProcessEnv, logFile: string, colors: import('picocolors/types').Colors }} options `logFile` gets everything
 */
export function shell({ env, logFile, colors }) {
  const everything = createWriteStream(logFile);

  /**
   * Shows and runs a command.
   * @param {readonly string[]} words
   * @param {{ quiet?: readonly string[], show?: (line: string) => string | undefined, refused?: boolean }} [options]
   *   `quiet`: further arguments that only calm the output, so they are not shown; `show`: what is shown of a line;
   *   `refused`: the command has to fail, because a refusal is what is to be seen
   */
  async function type(words, { quiet = [], show = (line) => line, refused = false } = {}) {
    console.log(`\n${colors.bold(colors.green('$'))} ${colors.bold(words.map(quoted).join(' '))}`);
    const [command, ...args] = words;
    const child = spawn(command, [...args, ...quiet], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    everything.write(`$ ${words.join(' ')}\n`);
    let last;
    const read = async (stream) => {
      for await (const line of createInterface({ input: stream })) {
        everything.write(`${line}\n`);
        const shown = show(line);
        // Pulumi says an error when it happens and once more at the end.
        if (shown !== undefined && shown !== last) console.log(refused ? colors.yellow(`  ${shown}`) : `  ${shown}`);
        last = shown ?? last;
      }
    };
    await Promise.all([read(child.stdout), read(child.stderr)]);
    const status = await ended;
    if ((status !== 0) === refused) return;
    throw new Explained(refused
      ? `${words.join(' ')} should have been refused, and was not: this is a bug, please report it with ${logFile}`
      : `${words.join(' ')} failed (exit ${status}); everything it said is in ${logFile}`);
  }

  return { type, close: () => everything.end() };
}

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);
