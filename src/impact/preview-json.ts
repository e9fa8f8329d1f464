import { InputProblem } from './input-problem';

/** The part of `pulumi preview --json` that is read. Its form: PreviewDigest in pkg/backend/display/json.go of Pulumi. */
export interface PreviewJson {
  readonly config: Readonly<Record<string, unknown>>;
  readonly steps: readonly PreviewStep[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: ResourceState;
  readonly newState?: ResourceState;
}

export interface ResourceState {
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface Diagnostic {
  readonly message: string;
  readonly severity: string;
}

/** The resources of this library, as their types stand in a URN. */
const MEMBERSHIP = /\bpulumi-nodejs:dynamic\/llmos:Membership$/;
const NODE = /\bpulumi-nodejs:dynamic\/llmos:Node$/;

/** @throws InputProblem for text that is cut short, and for JSON that is no preview */
export function parsePreview(json: string): PreviewJson {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw json.trim() === ''
      ? problem('it is empty', 'pipe `pulumi preview --json` into it, and look at what Pulumi wrote to the terminal')
      : problem('it is no JSON, or cut short', 'make it with `pulumi preview --json`, without anything else in the same file');
  }
  if (!isRecord(parsed)) throw problem('it is no preview', 'make it with `pulumi preview --json`');
  if ('verdict' in parsed && 'schemaVersion' in parsed) {
    throw problem('it is a report already, and a report is made from a preview', 'give it the output of `pulumi preview --json`, or read the report with parseReport');
  }
  const { config = {}, steps, diagnostics = [], changeSummary } = parsed;
  const isPreview = isRecord(config) && Array.isArray(diagnostics) && diagnostics.every(isDiagnostic)
    && (Array.isArray(steps) ? steps.every(isStep) : steps === undefined && (isRecord(changeSummary) || diagnostics.length > 0));
  if (!isPreview) throw problem('it is JSON, but not that of a preview', 'make it with `pulumi preview --json`, without --diff');
  return { config, steps: (steps ?? []) as readonly PreviewStep[], diagnostics };
}

/** The steps that concern LLMOS clusters, a Membership by its cluster's name. */
export function membershipSteps({ steps }: PreviewJson): { clusters: Map<string, PreviewStep>; nodes: PreviewStep[] } {
  const clusters = new Map<string, PreviewStep>();
  for (const step of steps.filter(({ urn }) => MEMBERSHIP.test(typeOf(urn)))) {
    const name = String(propertiesOf(step.newState).cluster ?? propertiesOf(step.oldState).cluster);
    const other = clusters.get(name);
    // Under another URN it is there twice: what is made says what is wanted, what is deleted what there was.
    const [made, deleted] = step.op === 'delete' ? [other, step] : [step, other];
    clusters.set(name, made === undefined || deleted === undefined ? step : { ...made, oldState: deleted.oldState });
  }
  return { clusters, nodes: steps.filter(({ urn }) => NODE.test(typeOf(urn))) };
}

/** What is known of a resource: its outputs, and where there are none yet its inputs. */
export function propertiesOf(state: ResourceState | undefined): Readonly<Record<string, unknown>> {
  return { ...state?.inputs, ...state?.outputs };
}

/** `urn:pulumi:stack::project::parent$type::name` → `parent$type` */
function typeOf(urn: string): string {
  return urn.split('::')[2] ?? '';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStep(value: unknown): value is PreviewStep {
  return isRecord(value) && typeof value.op === 'string' && typeof value.urn === 'string';
}

function isDiagnostic(value: unknown): value is Diagnostic {
  return isRecord(value) && typeof value.message === 'string';
}

function problem(rule: string, remedy: string): InputProblem {
  return new InputProblem('unknown', { subject: 'preview', rule, remedy });
}
