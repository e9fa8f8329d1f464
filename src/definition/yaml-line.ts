import { Document } from 'yaml';

/** What is written in a line: text, and lists and maps of it. */
export type LineValue = string | readonly LineValue[] | { readonly [key: string]: LineValue };

/** Plain in YAML wherever it stands: begins with a letter and has no character that means something. */
const PLAIN = /^[A-Za-z][\w./-]*$/;
/** Four numbers with three dots are no number. */
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
/** Words that are no text in YAML 1.2 or 1.1. */
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i;

/**
 * Writes many values in YAML's flow form, each in one line, as the `yaml` package writes them: `{ zone: a, address: 192.0.2.11 }`.
 * The package takes 60 µs for a node, which a large cluster feels in every synth; what is plain anyway, which is nearly
 * everything, needs none of its care, and all else is still its own.
 */
export class LineWriter {
  private readonly quoted = new Map<string, string>();

  write(value: LineValue): string {
    if (typeof value === 'string') return this.scalar(value);
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${(value as readonly LineValue[]).map(each => this.write(each)).join(', ')} ]`;
    const entries = Object.entries(value);
    return entries.length === 0 ? '{}' : `{ ${entries.map(([key, each]) => `${this.scalar(key)}: ${this.write(each)}`).join(', ')} }`;
  }

  /** Text, quoted where YAML would take it for something else. */
  scalar(text: string): string {
    if ((PLAIN.test(text) && !RESERVED.test(text)) || IPV4.test(text)) return text;
    let written = this.quoted.get(text);
    if (written === undefined && /\p{Cc}/u.test(text)) {
      // The package would take several lines for it.
      written = JSON.stringify(text);
    } else if (written === undefined) {
      const document = new Document([text]);
      (document.contents as { flow?: boolean }).flow = true;
      written = document.toString({ lineWidth: 0, flowCollectionPadding: false }).slice(1, -2);
    }
    this.quoted.set(text, written);
    return written;
  }
}
