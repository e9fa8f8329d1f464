import { shortList } from './group-names';
import type { Finding, FindingKind } from './impact-report';
import { InputProblem } from './input-problem';
import type { Diagnostic } from './preview-json';

/** How refusals begin. The sentences are those of membership/gate*.ts, pulumi/handlers and definition/; a test keeps them alike. */
const REFUSALS: readonly { readonly kind: FindingKind; readonly pattern: RegExp }[] = [
  { kind: 'unconfirmed', pattern: /^removal from cluster '.*' \(.*\): / },
  { kind: 'unsafe', pattern: /^membership of cluster '.*': / },
  { kind: 'invalid', pattern: /^(?:confirmRemoval|llmos:confirmRemoval)\b.*: / },
  { kind: 'invalid', pattern: /^cluster '.*' \(.*\): a cluster keeps its name/ },
  { kind: 'invalid', pattern: /^registrationAddress of cluster '.*' \(.*\): / },
  { kind: 'invalid', pattern: /^kubernetesVersion of .* \(.*\): / },
];

/** What each node is asked for itself, and mostly refused in the same words. */
const OF_ONE_NODE = /^kubernetesVersion of node '([^']+)'( \(.*\): .*)$/;

const DEFINITION = /^Validation failed with the following errors:\n/;

/**
 * Why a preview was refused, from its diagnostics.
 *
 * @throws InputProblem where it failed for another reason, because nobody can tell then what the change would do
 */
export function refusalsOf(diagnostics: readonly Diagnostic[]): Finding[] {
  const messages = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => plainMessage(message));
  const errors = oncePerReason(messages);
  const refusals = errors.map(message => findingsIn(message));
  const [failed] = errors.filter((_, index) => refusals[index]!.length === 0);
  if (failed !== undefined) {
    throw new InputProblem('unknown', {
      subject: 'preview', rule: `it failed (${failed.split('\n')[0]!.slice(0, 300)})`, remedy: 'run `pulumi preview`, mend what it says, and make it again',
    });
  }
  return refusals.flat();
}

/** Nodes that are refused in the same words, in one sentence. */
function oncePerReason(messages: readonly string[]): string[] {
  const nodes = new Map<string, string[]>();
  const others: string[] = [];
  for (const message of messages) {
    const [, name, reason] = OF_ONE_NODE.exec(message) ?? [];
    if (name === undefined || reason === undefined) others.push(message);
    else nodes.set(reason, [...(nodes.get(reason) ?? []), name]);
  }
  return [...others, ...[...nodes].map(([reason, names]) => `kubernetesVersion of ${shortList(names.sort(inNumericOrder))}${reason}`)];
}

function findingsIn(message: string): Finding[] {
  if (DEFINITION.test(message)) {
    return message.replace(DEFINITION, '').split('\n').map(line => line.trim()).filter(line => line !== '').map(line => finding('invalid', line));
  }
  const kind = REFUSALS.find(({ pattern }) => pattern.test(message))?.kind;
  return kind === undefined ? [] : [finding(kind, message)];
}

/** w9 before w10. */
function inNumericOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** `rule; remedy` as two: the remedy is what comes last. */
function finding(kind: FindingKind, text: string): Finding {
  const cut = text.lastIndexOf('; ');
  return cut < 0 ? { kind, message: shortened(text) } : { kind, message: shortened(text.slice(0, cut)), remedy: shortened(text.slice(cut + 2)) };
}

/** The gate names every node, which may be ten thousand. */
const LONGEST = 600;

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

/** Without the colours, and without what the engine puts in front of a resource's own words. */
function plainMessage(message: string): string {
  return message.replace(/\u001b\[[0-9;]*m|<\{%[^%]*%\}>/g, '').trim().replace(/^error: /, '')
    .replace(/^\S+ resource '[^']*' has a problem: /, '');
}
