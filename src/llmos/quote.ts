/** One word of a POSIX shell command, whatever is in it. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Several words. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}
