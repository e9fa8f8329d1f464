/**
 * What a step risks that no order of steps avoids; undefined for all but one.
 *
 * The second voter is the only one whose join leaves nothing to spare: until the third has joined, losing either stops the
 * cluster, whereas one voter alone could only lose itself. Every cluster that grows has to pass it, so it is reported, not refused.
 *
 * @param step the action, and how many voters there are after it.
 */
export function exposure(step: { readonly action: 'join' | 'remove'; readonly voters: number }): string | undefined {
  return step.action === 'join' && step.voters === 2
    ? 'with 2 voters, losing either stops the cluster until a third has joined'
    : undefined;
}
