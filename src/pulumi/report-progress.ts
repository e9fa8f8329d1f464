import type { ProgressEvent } from '../membership/progress';

/**
 * One line for each thing that happens. The engine shows what a provider prints as it comes, in the log of the update.
 */
export function reportProgress({ node, action, step, steps, title, detail, elapsedSeconds }: ProgressEvent): void {
  const place = `${node} ${action} ${String(step).padStart(String(steps).length)}/${steps}`;
  console.log(`${place}  ${title}${detail === undefined ? '' : `: ${detail}`}  (${elapsedSeconds.toFixed(0)} s)`);
}
