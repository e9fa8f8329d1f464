/** Annotation of a Node that is out of service for a while and comes back; its value is a {@link SetAside}. */
export const SET_ASIDE = 'llmos-nodes/set-aside';

/** That a node is out of service, as its Node keeps it: it may go away at any moment, although it still answers. */
export interface SetAside {
  /** Who took it out: `ops@laptop`. */
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
  /** It was cordoned for it. Otherwise somebody had cordoned it before, and it stays so. */
  readonly cordoned: boolean;
}

/** Reads the annotation. One that was written by hand still says that the node is out of service, and no more. */
export function readSetAside(value: string | undefined): SetAside | undefined {
  if (value === undefined) return undefined;
  const { by = 'somebody', since = '', cordoned = false } = parsed(value);
  return { by: String(by), since: String(since), cordoned: cordoned === true };
}

/** For a message: `ops@laptop took it out of service at 2026-11-23T03:00:00.000Z`. */
export function describeSetAside({ by, since }: SetAside): string {
  return `${by} took it out of service${since === '' ? '' : ` at ${since}`}`;
}

function parsed(value: string): { readonly [Key in keyof SetAside]?: unknown } {
  try {
    return { ...(JSON.parse(value) as object) };
  } catch {
    return {};
  }
}
