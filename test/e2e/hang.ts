import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { endProcess } from '../end-process';
import { finished, type Outcome, type Stack } from './stack';

/** A run that hangs right before a step, or that ended because no further step came. */
export type Hung =
  | { readonly hangs: true; readonly step: number; readonly title: string; killEngine(): Promise<void>; killProvider(): Promise<Outcome> }
  | ({ readonly hangs: false } & Outcome);

/**
 * `pulumi up` until a change comes to the next step after one.
 * @param change `m2 joining`
 * @param after number of the step; 0 for the first one
 */
export async function upToStep(stack: Stack, change: string, after: number): Promise<Hung> {
  const file = join(stack.folder, 'hung');
  rmSync(file, { force: true });
  Object.assign(stack.environment, {
    NODE_OPTIONS: `--require ${join(__dirname, 'hang-at-step.js')}`, LLMOS_E2E_HANG: change, LLMOS_E2E_HANG_AFTER: String(after), LLMOS_E2E_HUNG: file,
  });
  const started = stack.start('up', '--yes', '--skip-preview', ...stack.configFlag);
  for (const name of ['NODE_OPTIONS', 'LLMOS_E2E_HANG', 'LLMOS_E2E_HANG_AFTER', 'LLMOS_E2E_HUNG']) delete stack.environment[name];

  const end = finished(started);
  const line = new RegExp(`${change} +(\\d+)/\\d+  (.+?)  \\(`, 'g');
  const shown = () => [...started.text().matchAll(line)].find(([, step]) => Number(step) > after);
  const ended = await new Promise<Outcome | undefined>((resolve, reject) => {
    started.stdout!.on('data', () => { if (shown()) resolve(undefined); });
    end.then(resolve, reject);
  });
  if (ended) return { hangs: false, ...ended };

  const [, step, title] = shown()!;
  const provider = Number(readFileSync(file, 'utf8'));
  return {
    hangs: true, step: Number(step), title: title!,
    /** The engine, and the provider where it stands; then the lock that was left is cleared. */
    async killEngine() {
      await stack.kill(started);
      endProcess(provider);
      const { code, text } = await stack.cancel();
      if (code !== 0) throw new Error(text);
    },
    /** The provider alone: the engine goes on and sees it die. */
    killProvider() {
      endProcess(provider);
      return end;
    },
  };
}
