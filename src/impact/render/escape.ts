import { printable } from './printable';

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML: in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, character => HTML[character]!);
}

/**
 * Text for Markdown on one line, in a table's cell as well: no markup, no link, no image, and nobody is mentioned by it. A
 * comment splits `@name` and `#1`, because those are looked for after the backslashes are gone.
 */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]|~$!:^]/g, '\\$&')
    .replace(/[&<>]/g, character => HTML[character]!)
    .replace(/^(\s*)([-+=]|\d+(?=[.)]))/, (_, space: string, mark: string) => (/\d/.test(mark) ? `${space}&#${mark.charCodeAt(0)};${mark.slice(1)}` : `${space}\\${mark}`))
    .replace(/@/g, '@<!-- -->').replace(/#(?=\d)(?<!&#)/g, '#<!-- -->').replace(/^#/, '\\#').replace(/\bwww\./gi, '$&<!-- -->');
}

/** Text for a quoted label in Mermaid: whatever may mean something there becomes its code point. */
export function escapeMermaid(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} .,·●○→+_-]/gu, character => `#${character.codePointAt(0)};`);
}
