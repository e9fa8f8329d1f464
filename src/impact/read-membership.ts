import { readFlowMapping } from './node-line';
import { parseYaml } from './parse-yaml';

/** The manifest's text as plain data; nodes in the order they are written. */
export interface MembershipText {
  readonly cluster: ReadonlyMap<string, unknown>;
  readonly pools: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
}

const POOL_LINE = /^ {2}(\S.*):$/;
const NODE_LINE = /^ {6}(\S+): (\{.*\})$/;

/**
 * Reads membership.yaml. Lines with a node on each, as it is rendered, are taken out and read by themselves; where one is in
 * another form, the yaml package reads the whole.
 *
 * @throws YAMLParseError for text that is no YAML
 */
export function readMembership(text: string): MembershipText {
  const quick = withoutNodeLines(text);
  const document = asMap(parseYaml(quick?.outline ?? text, { mapAsMap: true }));
  const pools = new Map([...asMap(document.get('pools'))].map(([name, pool]) => {
    const nodes = quick?.nodes.get(String(name));
    return [String(name), nodes === undefined ? asMap(pool) : new Map([...asMap(pool), ['nodes', nodes]])] as const;
  }));
  return { cluster: document, pools };
}

/** @returns undefined where a line of a node is not as it is rendered */
function withoutNodeLines(text: string): { outline: string; nodes: Map<string, Map<string, unknown>> } | undefined {
  const outline: string[] = [];
  const nodes = new Map<string, Map<string, unknown>>();
  let pool: Map<string, unknown> | undefined;
  for (const line of text.split('\n')) {
    const named = POOL_LINE.exec(line)?.[1];
    if (named !== undefined) nodes.set(unquoted(named), pool = new Map());
    const [, name, mapping] = NODE_LINE.exec(line) ?? [];
    if (name === undefined || mapping === undefined || pool === undefined) {
      if (/^ {6}\S/.test(line) && outline.at(-1)?.trim() === 'nodes:') return undefined;
      outline.push(line);
      continue;
    }
    const node = readFlowMapping(mapping);
    if (node === undefined || pool.has(unquoted(name))) return undefined;
    pool.set(unquoted(name), node);
  }
  return { outline: outline.join('\n'), nodes };
}

function unquoted(scalar: string): string {
  return /^".*"$/.test(scalar) ? String(JSON.parse(scalar)) : scalar;
}

/** What is no mapping holds nothing. */
export function asMap(value: unknown): ReadonlyMap<string, unknown> {
  if (value instanceof Map) return value as ReadonlyMap<string, unknown>;
  return new Map(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []);
}
