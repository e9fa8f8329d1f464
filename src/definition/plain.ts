import { Problem } from '../problem';

/**
 * Whether a value is only known once something has been made: a Pulumi Output, or a promise. An Output is told by its mark,
 * so that a definition is synthesised without loading Pulumi.
 */
export function isDeferred(value: unknown): boolean {
  if (typeof value !== 'object' && typeof value !== 'function' || value === null) {
    return false;
  }
  return ('__pulumiOutput' in value && value.__pulumiOutput === true) || ('then' in value && typeof value.then === 'function');
}

/**
 * Refuses an Output where a plain value is needed.
 *
 * @param subject what the value is, asked for only where it is refused
 * @throws Problem at once, before anything is made of the value: as text or as a number an Output is nonsense
 */
export function requirePlain(value: unknown, subject: () => string, what: string): void {
  if (isDeferred(value)) {
    throw new Problem({
      subject: subject(), value: 'an Output',
      rule: `${what} is what people review and what the quorum is computed from, so it cannot depend on what is still to be made`,
      remedy: 'write a plain value; only address, internalAddress and hostKey of a machine may be Outputs',
    });
  }
}
