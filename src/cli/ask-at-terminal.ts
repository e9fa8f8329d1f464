import { Problem } from '../problem';

/** Asks a question and returns what was typed. */
export type Ask = (message: string) => Promise<string>;

/**
 * Asks a person at the terminal.
 * @param remedy what to do where there is no terminal
 */
export function askAtTerminal(remedy: string): Ask {
  return message => {
    if (!process.stdin.isTTY) throw new Problem({ subject: 'confirmation', rule: 'the name is typed by a person at a terminal', remedy });
    const { input } = require('@inquirer/prompts') as typeof import('@inquirer/prompts');
    return input({ message });
  };
}
