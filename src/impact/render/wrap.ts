/**
 * Breaks text between words into lines of so many columns. A word longer than that keeps its line.
 *
 * @param first what the first line begins with
 * @param others what the following lines begin with
 */
export function wrap(text: string, columns: number, first: string, others: string): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = others;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
