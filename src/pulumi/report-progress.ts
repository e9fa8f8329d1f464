import type { ProgressEvent } from '../membership/progress';

/** Something that is no reason to stop, shown in previews as well. */
export function reportWarning(message: string): void {
  console.log(`warning: ${message}`);
}

/**
 * One line for each thing that happens. The engine shows what a provider prints as it comes, in the log of the update.
 */
export function reportProgress({ node, action, step, steps, title, detail, elapsedSeconds }: ProgressEvent): void {
  const place = `${node} ${action} ${String(step).padStart(String(steps).length)}/${steps}`;
  console.log(`${place}  ${title}${detail === undefined ? '' : `: ${detail}`}  (${elapsedSeconds.toFixed(0)} s)`);
}
