/** Annotation of a node that was cordoned by us; its value is a {@link CordonPurpose}. A cordon without it is somebody's own. */
export const CORDONED_FOR = 'llmos-nodes/cordoned-for';

/** Why we cordoned a node. Maintenance has a mark that says more, since a person goes on with it: see set-aside.ts. */
export type CordonPurpose = 'removal' | 'upgrade';

/** Reads the annotation. What a person wrote there makes no cordon ours. */
export function readCordon(value: string | undefined): CordonPurpose | undefined {
  return value === 'removal' || value === 'upgrade' ? value : undefined;
}
