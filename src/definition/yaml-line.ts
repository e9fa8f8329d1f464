/**
 * Plain in YAML wherever it stands: begins with a letter, has no character that means something there, and is none of the words
 * that are no text in YAML 1.2 or 1.1. Or four numbers with three dots, which are no number.
 */
const PLAIN = /^(?:(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Z][\w./=-]*(?::[\w./=-]+)*|\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Text in a line of YAML: as it is where it can only be text, and in JSON's quotes, which are YAML's too, where a reader might
 * take it for a number, a word of YAML's or a part of the line. A YAML library takes 60 µs for what is written of one node.
 */
export function yamlText(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text);
}

/** A list in one line, of what is YAML already: `[ a, b ]` */
export function yamlList(items: readonly string[]): string {
  return `[ ${items.join(', ')} ]`;
}

/** A map in one line, of what is YAML already: `{ zone: a, address: 192.0.2.11 }` */
export function yamlMap(entries: readonly string[]): string {
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
