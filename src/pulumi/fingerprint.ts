import { createHash } from 'node:crypto';

/**
 * A host key's fingerprint as ssh-keygen -l prints it: a fifth of the key's length, and every resource's state holds that of
 * each management host. A fingerprint is returned as it is.
 */
export function fingerprint(hostKey: string): string {
  if (hostKey.startsWith('SHA256:')) return hostKey;
  const [, blob = ''] = hostKey.trim().split(/\s+/);
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
