import { parseDocument } from 'yaml';

/** The LLMOS config of a management node, changed to join by `server`. Everything else in it stays as it is. */
export function llmosConfigJoinBy(yaml: string, server: string, token: string): string {
  const document = parseDocument(yaml);
  document.set('role', 'server');
  document.set('server', server);
  // LLMOS makes the token of a first node itself; a server must name it.
  if (!document.has('token')) document.set('token', token);
  return String(document);
}

/** The same for the config LLMOS wrote for k3s or RKE2. */
export function runtimeConfigJoinBy(yaml: string, server: string, token: string): string {
  const document = parseDocument(yaml);
  document.delete('cluster-init');
  document.set('server', server);
  if (!document.has('token')) document.set('token', token);
  return String(document);
}
