import { Problem } from '../problem';

/** Whether a node with these labels is meant. */
export type Selector = (labels: Readonly<Record<string, string>>) => boolean;

/** A label's key, with its prefix: `example.com/pool`. */
const KEY = String.raw`(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?`;
const VALUE = String.raw`(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?`;

const EQUALITY = new RegExp(String.raw`^(${KEY})\s*(=|==|!=)\s*(${VALUE})$`);
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^()]*)\)$`);
const EXISTENCE = new RegExp(String.raw`^(!?)\s*(${KEY})$`);

/**
 * Reads a label selector as kubectl and the API server take it: `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b, c)`, `a`, `!a`,
 * several of them with commas. `!=` and `notin` also mean nodes without the label.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 *
 * @throws Problem that names the part that cannot be read
 */
export function parseSelector(text: string): Selector {
  const requirements = text.split(/,(?![^(]*\))/).map(part => parseRequirement(part.trim(), text));
  return labels => requirements.every(requirement => requirement(labels));
}

function parseRequirement(part: string, text: string): Selector {
  const [, key, operator, value] = EQUALITY.exec(part) ?? [];
  if (key !== undefined) return labels => (Object.hasOwn(labels, key) && labels[key] === value) === (operator !== '!=');
  const [, setKey, setOperator, list = ''] = SET.exec(part) ?? [];
  if (setKey !== undefined) {
    const values = list.split(',').map(each => each.trim());
    if (!values.every(each => new RegExp(`^${VALUE}$`).test(each))) throw unreadable(part, text);
    return labels => (Object.hasOwn(labels, setKey) && values.includes(labels[setKey]!)) === (setOperator === 'in');
  }
  const [, not, existing] = EXISTENCE.exec(part) ?? [];
  if (existing === undefined) throw unreadable(part, text);
  return labels => Object.hasOwn(labels, existing) === (not === '');
}

function unreadable(part: string, text: string): Problem {
  return new Problem({
    subject: 'selector', value: text, rule: part === '' ? 'a part of it is empty' : `'${part}' is no requirement on a label`,
    remedy: 'write key=value, key!=value, key in (a, b), key notin (a, b), key or !key, several with commas, and quote it for the shell',
  });
}
