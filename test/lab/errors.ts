/** What the engine's summary says of each resource that failed; its own `update failed` and its words around ours are left out. */
export function errors(text: string): string[] {
  const summary = text.slice(text.indexOf('Diagnostics:')).split('\nOutputs:')[0]!;
  return [...summary.matchAll(/^ +error: (.*(?:\n[ \t]+\S.*)*)/gm)].map(([, message]) => message!.replace(/^1 error occurred:\s+\* /, '').trim()).filter(message => message !== 'update failed');
}
