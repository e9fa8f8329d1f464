// What every script here does at its start and at its end.
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository: the scripts work from any working directory. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** An error whose message is written for the person at the keyboard, so it is shown without a stack trace. */
export class Explained extends Error {
  name = 'Explained';
}

/**
 * Runs `main(args)` when the module was started as a program, and not when it was imported.
 * @param {string} url the module's `import.meta.url`
 * @param {(args: string[]) => Promise<number | void>} main resolves to the exit status; none means 0
 */
export function whenStarted(url, main) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return;
  main(process.argv.slice(2)).then(
    (status) => { process.exitCode = status ?? 0; },
    (error) => {
      console.error(error instanceof Explained ? `\n${error.message}` : error);
      process.exitCode = 1;
    },
  );
}
