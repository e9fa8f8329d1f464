import { shortList } from './group-names';
import { changedMembership, nameOf, type PreviewedChange } from './previewed-membership';
import { refusalsOf } from './preview-refusals';
import { membershipSteps, parsePreview, type PreviewStep } from './preview-json';
import { InputProblem } from './input-problem';

export interface FromPreviewOptions {
  /** The cluster's name, where a stack has several. @default - the only one */
  readonly cluster?: string;
}

/**
 * Reads the output of `pulumi preview --json`. Pulumi leaves out what does not change unless it is asked with `--show-sames`,
 * so a preview in which only a node changes and not the membership is complete only with it.
 *
 * A preview that the gate refused ends before the membership: only the reasons are in it.
 *
 * @throws InputProblem for what is no preview, for one that failed for another reason than a refusal, and where it cannot be
 *   told which cluster is meant or what its membership is
 */
export function fromPreview(json: string, options: FromPreviewOptions = {}): PreviewedChange {
  const preview = parsePreview(json);
  const refusals = refusalsOf(preview.diagnostics);
  if (refusals.length > 0) return { refusals, leftOver: [] };

  const { clusters, nodes } = membershipSteps(preview);
  const wanted = options.cluster ?? (clusters.size === 1 ? [...clusters.keys()][0] : undefined);
  if (wanted === undefined) {
    if (clusters.size > 0) {
      throw new InputProblem('unknown', {
        subject: 'preview', value: [...clusters.keys()].join(', '), rule: 'a report is about one cluster, and this stack has several', remedy: 'name the cluster you mean',
      });
    }
    if (nodes.every(({ op }) => op === 'same')) return { refusals, leftOver: [] };
  }
  const membership = wanted === undefined ? undefined : clusters.get(wanted);
  if (membership === undefined) {
    throw new InputProblem('unknown', {
      subject: 'preview', ...(wanted !== undefined && { value: wanted }),
      rule: `it ${touched(nodes)}and the membership of the cluster is not in it: Pulumi leaves out what does not change`,
      remedy: 'make it with `pulumi preview --json --show-sames`, and check the name of the cluster',
    });
  }
  return changedMembership(membership, nodes, preview.config);
}

/** What such a preview does say: `removes w2 `, which an earlier run began. */
function touched(nodes: readonly PreviewStep[]): string {
  const names = (wanted: (op: string) => boolean): string => shortList(nodes.filter(({ op }) => wanted(op)).map(nameOf));
  const said = [['removes', names(op => op === 'delete')], ['changes', names(op => op !== 'delete' && op !== 'same')]].filter(([, list]) => list !== '');
  return said.length === 0 ? 'is incomplete ' : `${said.map(part => part.join(' ')).join(', ')} `;
}
