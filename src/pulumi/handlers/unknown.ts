/**
 * What the engine sends for a value that is not known yet. It is one string for all of them: never compare it, or two unknown
 * addresses look like one. Source: `unknownValue` of the Node SDK and of the engine's plugin protocol.
 */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}
