import type { Input } from '@pulumi/pulumi';
import { type NodeRole, type Taint, ZONE_LABEL } from '../llmos/node';
import type { ProblemProps } from '../problem';
import { isHost } from './address';
import type { NodeDefinition, PoolDefinition } from './cluster-definition';
import { isLabelValue, isNodeName, labelProblems, mergeTaints, taintProblems } from './kubernetes-syntax';
import { isDeferred } from './plain';

/** A machine that may become a node. */
export interface MachineProps {
  /** The node's name in the cluster, for good: RFC 1123, unique in the cluster, at most 63 characters. */
  readonly name: string;
  /** Host name or IP address under which the machine is reached over SSH; the node's external address. May be an Output. */
  readonly address: Input<string>;
  /** IP address the nodes use among themselves. May be an Output. @default - LLMOS picks one */
  readonly internalAddress?: Input<string>;
  /** What fails together: a rack, a room, an availability zone. Becomes the label topology.kubernetes.io/zone. @default - not known */
  readonly zone?: string;
  /** Labels of the node, before those of its pool. @default - the pool's alone */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints of the node, before those of its pool with the same key and effect. @default - the pool's alone */
  readonly taints?: readonly Taint[];
  /** SSH port. @default - the connection's, or 22 */
  readonly port?: number;
  /** SSH user: root, or one that may use sudo without a password. @default - the connection's */
  readonly user?: string;
  /** The machine's public host key (`ssh-ed25519 AAAA…`) or its fingerprint (`SHA256:…`). May be an Output. @default - as known_hosts has it */
  readonly hostKey?: Input<string>;
}

/** What a machine becomes in its pool. */
export function nodeDefinition(machine: MachineProps, role: NodeRole, pool: PoolDefinition): NodeDefinition {
  const labels: Record<string, string> = { ...pool.labels, ...machine.labels };
  if (machine.zone !== undefined) labels[ZONE_LABEL] = machine.zone;
  return Object.freeze({
    name: machine.name,
    role,
    pool: pool.name,
    address: machine.address,
    internalAddress: machine.internalAddress,
    zone: machine.zone,
    labels: Object.freeze(labels),
    taints: Object.freeze(machine.taints ? mergeTaints(pool.taints, machine.taints) : pool.taints),
    port: machine.port,
    user: machine.user,
    hostKey: machine.hostKey,
  });
}

/** What is wrong with a machine by itself. */
export function machineProblems(machine: MachineProps): ProblemProps[] {
  const subject = `machine '${machine.name}'`;
  const problems: ProblemProps[] = [];
  if (typeof machine.name !== 'string' || !isNodeName(machine.name)) {
    problems.push({
      subject,
      rule: 'a node name is up to 63 lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit (RFC 1123)',
      remedy: "rename it, for example to 'm1'",
    });
  }
  if (!isAddress(machine.address)) problems.push(addressProblem(`address of ${subject}`, machine.address));
  if (machine.internalAddress !== undefined && !isAddress(machine.internalAddress)) problems.push(addressProblem(`internalAddress of ${subject}`, machine.internalAddress));
  if (machine.zone !== undefined && (machine.zone === '' || !isLabelValue(machine.zone))) {
    problems.push({
      subject: `zone of ${subject}`, value: String(machine.zone),
      rule: 'a zone becomes a label value: up to 63 letters, digits, dashes, dots and underscores', remedy: "write it like 'rack-1', or leave it out",
    });
  }
  if (machine.port !== undefined && !(Number.isInteger(machine.port) && machine.port >= 1 && machine.port <= 65535)) {
    problems.push({ subject: `port of ${subject}`, value: String(machine.port), rule: 'a port is a whole number from 1 to 65535', remedy: 'correct it, or leave it out for 22' });
  }
  if (machine.user !== undefined && !/^[^\s:@]+$/.test(machine.user)) {
    problems.push({ subject: `user of ${subject}`, value: String(machine.user), rule: 'it is the name of a login on that machine', remedy: "write it like 'root'" });
  }
  if (machine.hostKey !== undefined && !isDeferred(machine.hostKey) && !isHostKey(machine.hostKey)) {
    // Not shown: someone may have put a private key here.
    problems.push({
      subject: `hostKey of ${subject}`,
      rule: 'it is the public key of the host or its SHA-256 fingerprint',
      remedy: "write the line of /etc/ssh/ssh_host_ed25519_key.pub ('ssh-ed25519 AAAA…') or what ssh-keygen -l prints of it ('SHA256:…')",
    });
  }
  if (machine.labels) problems.push(...labelProblems(machine.labels, subject));
  if (machine.taints) problems.push(...taintProblems(machine.taints, subject));
  return problems;
}

function isAddress(address: unknown): boolean {
  return typeof address === 'string' ? isHost(address) : isDeferred(address);
}

function addressProblem(subject: string, address: unknown): ProblemProps {
  return {
    subject, value: String(address),
    rule: 'it is a host name or an IP address alone',
    remedy: "write it like '192.0.2.11', and a port or user other than the usual one as 'port' and 'user'",
  };
}

function isHostKey(key: unknown): boolean {
  return typeof key === 'string'
    && (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(key) || /^(ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w.@-]+ AAAA[A-Za-z0-9+/]+={0,2}( .*)?$/.test(key.trim()));
}
