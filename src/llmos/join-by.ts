import { parseDocument } from 'yaml';

/** The server an LLMOS config joins by and the token it does it with; neither for a first node. */
export function joinSettings(yaml: string): { readonly server?: string; readonly token?: string } {
  const document = parseDocument(yaml);
  const text = (name: string) => (document.has(name) ? String(document.get(name)) : undefined);
  return { server: text('server'), token: text('token') };
}

/** The LLMOS config of a management node, changed to join by `server`. Everything else in it stays as it is. */
export function llmosConfigJoinBy(yaml: string, server: string, token: string): string {
  const document = parseDocument(yaml);
  document.set('role', 'server');
  document.set('server', server);
  // LLMOS makes the token of a first node itself; a server must name it.
  if (!document.has('token')) document.set('token', token);
  return document.toString({ lineWidth: 0 });
}

/** The same for the config LLMOS wrote for k3s or RKE2. */
export function runtimeConfigJoinBy(yaml: string, server: string, token: string): string {
  const document = parseDocument(yaml);
  document.delete('cluster-init');
  document.set('server', server);
  if (!document.has('token')) document.set('token', token);
  return document.toString({ lineWidth: 0 });
}

/** The config LLMOS wrote for k3s or RKE2, changed to join nobody: a reset of the cluster is refused with a server to join by. */
export function runtimeConfigAlone(yaml: string): string {
  const document = parseDocument(yaml);
  if (!document.delete('server')) return yaml;
  return document.toString({ lineWidth: 0 });
}
