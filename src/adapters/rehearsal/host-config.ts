import { parse } from 'yaml';
import { CONFIG_MARK, nodeRole } from '../../llmos/config';
import { REGISTRATION_PORTS } from '../../llmos/kubernetes-version';
import type { NodeRole, Taint, TaintEffect } from '../../llmos/node';

/** A host's LLMOS config as the simulation keeps it: of the token only a digest, so that no secret lies in a machine's file. */
export interface HostConfig {
  readonly role: 'cluster-init' | 'server' | 'agent';
  readonly server?: string;
  readonly tokenDigest?: string;
  readonly nodeName?: string;
  readonly address?: string;
  readonly internalAddress?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly tlsSans: readonly string[];
  readonly kubernetesVersion?: string;
  /** It does not say that this library wrote it. */
  readonly byHand?: boolean;
  /** What LLMOS finds wrong with it; the bootstrap fails for good with this. */
  readonly invalid?: string;
}

/** Reads a config as LLMOS does. It never throws: LLMOS complains when it starts, not when the file is written. */
export function readHostConfig(yaml: string, digest: (token: string) => string): { readonly config: HostConfig; readonly token?: string } {
  const settings = parsed(yaml);
  const text = (key: string) => (typeof settings[key] === 'string' ? settings[key] : undefined);
  const list = (key: string): string[] => (Array.isArray(settings[key]) ? settings[key].map(String) : []);
  const [server, token] = [text('server'), text('token')];
  const role = text('role') ?? (server === undefined ? 'cluster-init' : 'agent');
  const known = role === 'server' || role === 'agent' ? role : 'cluster-init';
  return {
    token,
    config: {
      role: known,
      server,
      tokenDigest: token === undefined ? undefined : digest(token),
      nodeName: text('nodeName'),
      address: text('address'),
      internalAddress: text('internalAddress'),
      labels: Object.fromEntries(list('labels').map(label => splitOnce(label, '='))),
      taints: list('taints').map(readTaint),
      tlsSans: list('tlsSans'),
      kubernetesVersion: text('kubernetesVersion'),
      ...(!yaml.startsWith(CONFIG_MARK) && { byHand: true }),
      invalid: nodeRole(role) === undefined ? `role '${role}' is none of cluster-init, server, agent` : rulesBroken(known, server, token),
    },
  };
}

/** What the role of a config makes of its node. */
export function roleOf(config: HostConfig): NodeRole {
  return config.role === 'agent' ? 'worker' : 'management';
}

/** The rules LLMOS checks before it does anything. Source: its bootstrap. */
function rulesBroken(role: HostConfig['role'], server: string | undefined, token: string | undefined): string | undefined {
  if (role === 'cluster-init') return server === undefined ? undefined : 'cluster-init excludes server';
  if (server === undefined) return `role ${role} needs server`;
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' || !REGISTRATION_PORTS.includes(Number(url.port))) {
    return `server ${server} is not https with port ${REGISTRATION_PORTS.join(' or ')}`;
  }
  return token === undefined ? 'server needs token' : undefined;
}

function parsed(yaml: string): Record<string, unknown> {
  try {
    const settings: unknown = parse(yaml);
    return typeof settings === 'object' && settings !== null ? { ...settings } : {};
  } catch {
    return { role: 'not YAML' };
  }
}

function readTaint(text: string): Taint {
  const [pair, effect] = splitOnce(text, ':');
  const [key, value] = splitOnce(pair, '=');
  return { key, ...(value === '' ? {} : { value }), effect: effect as TaintEffect };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
