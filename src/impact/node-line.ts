/** A scalar of a flow mapping: in double or single quotes, or plain. Whatever else stands there does not match. */
const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[{}[\],]|:(?=\s)|[^\s{}[\],:"'#&*!|>%@`?-](?:[^\s{}[\],:]|:(?=\S)| (?=[^\s{}[\],:#]))*/gy;

/**
 * Reads a YAML flow mapping as the manifest for review writes one for each node: `{ zone: a, labels: { spare: "true" } }`, all
 * scalars being text. Ten thousand of them take the yaml package a second of CPU; this takes a few hundredths.
 *
 * @returns undefined for anything that is not in this form
 */
export function readFlowMapping(text: string): Record<string, unknown> | undefined {
  const json: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  while (end < text.length) {
    if (text[end] === ' ') {
      end += 1;
      continue;
    }
    TOKEN.lastIndex = end;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return undefined;
    json.push(asJson(token));
    end += token.length;
  }
  try {
    return JSON.parse(json.join('')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function asJson(token: string): string {
  if (token.startsWith('"') || (token.length === 1 && '{}[],:'.includes(token))) return token;
  return JSON.stringify(token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token);
}
