/** Control characters and those that turn the direction of writing: they could rewrite what a terminal or a page shows. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text with everything that does not print made visible. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}
