/**
 * Registers resources so that the SDK finds no call stack: it would keep that of each in the state, an eighth of a node's, and all of
 * them name the same line of this library. Source: Resource.stackTrace of @pulumi/pulumi, which reads an Error's stack.
 */
export function withoutCallStack<T>(register: () => T): T {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error) => String(error);
  try {
    return register();
  } finally {
    Error.prepareStackTrace = before;
  }
}
