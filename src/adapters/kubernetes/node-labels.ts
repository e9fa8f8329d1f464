import type { V1ManagedFieldsEntry, V1Node } from './kubernetes-types';

/** The name under which the API server notes which fields are ours. */
export const FIELD_MANAGER = 'llmos-nodes';

/**
 * A node's own parts, which register it with the labels of LLMOS's config and stay their owners. Server-side apply drops a
 * label we no longer declare only where nobody else owns it, so that with these it has to be taken off by name.
 */
const REGISTERED_BY = /^(kubelet|k3s|rke2)/;

/** Labels we declared before and no longer do, that would stay on the node because the node registered with them. */
export function abandonedLabels({ metadata }: V1Node, declared: Readonly<Record<string, string>>): string[] {
  const managers = metadata?.managedFields ?? [];
  const ours = managers.filter((entry) => isOurs(entry)).flatMap(labelsOf);
  const foreign = new Set(managers.filter((entry) => !isOurs(entry) && !REGISTERED_BY.test(entry.manager ?? '')).flatMap(labelsOf));
  return ours.filter((label) => !Object.hasOwn(declared, label) && !foreign.has(label));
}

function isOurs({ manager, operation }: V1ManagedFieldsEntry): boolean {
  return manager === FIELD_MANAGER && operation === 'Apply';
}

/** managedFields are a tree whose keys are field names behind `f:`. */
function labelsOf({ fieldsV1 }: V1ManagedFieldsEntry): string[] {
  const fields = fieldsV1 as { 'f:metadata'?: { 'f:labels'?: Record<string, unknown> } } | undefined;
  return Object.keys(fields?.['f:metadata']?.['f:labels'] ?? {})
    .filter((field) => field.startsWith('f:'))
    .map((field) => field.slice(2));
}
