import type { ProblemProps } from '../../problem';
import { majority } from '../../quorum';
import type { Host, Missing, Survey } from './survey';

/** How a cluster is recovered. */
export interface Plan {
  readonly cluster: string;
  /** Names the recovery and its copies. */
  readonly id: string;
  /** The host whose data the cluster is recovered from. */
  readonly survivor: Host;
  /** How far that data goes. */
  readonly revision: number;
  /** The survivor is a cluster of its own already: an earlier run came that far. */
  readonly reset: boolean;
  /** Hosts that are there and join the survivor, in this order. */
  readonly returning: readonly Host[];
  /** Nodes whose machines are gone: what is left of them is a Node that is not Ready. */
  readonly gone: readonly Missing[];
}

/** A plan, or everything that speaks against recovering. */
export type Assessment =
  | { readonly plan: Plan }
  /** @param takesBack a recovery that was begun and changed nothing for good is to be taken back first */
  | { readonly problems: readonly ProblemProps[]; readonly takesBack: boolean };

export interface Question {
  readonly cluster: string;
  readonly survey: Survey;
  /** Nodes whose data a person says is gone for good. */
  readonly lost: readonly string[];
  /** What a recovery that begins now is called. */
  readonly id: string;
}

const AGAIN = 'then run the same command again';

/**
 * A reset makes a cluster of one member's data, whatever the others know. So it is refused wherever those that are not part of it
 * may still agree on something: where there is a quorum, where a majority could be brought back, and where nobody said that a
 * machine which cannot be seen is gone for good.
 */
export function assess(question: Question): Assessment {
  const { cluster, survey: { hosts, missing }, lost, id } = question;
  const begun = hosts.find(({ datastore }) => datastore.recovery !== undefined);
  const note = begun?.datastore.recovery;
  const problems = [...unaccounted(missing, lost), ...(note?.reset ? secondCluster(hosts, begun!) : [...quorumHolds(hosts, cluster), ...doubtful(question, begun)])];
  const newest = newestOf(hosts);
  const survivor = begun ?? newest;
  const isOvertaken = note?.reset === false && newest !== undefined && newest !== begun && newest.datastore.revision! > note.revision;
  if (isOvertaken) problems.push(overtaken(newest, begun!));
  if (problems.length > 0 || survivor === undefined) {
    const takesBack = note?.reset === false && (isOvertaken || hosts.some(({ healthy }) => healthy));
    return { problems: problems.length > 0 ? problems : [noData(cluster)], takesBack };
  }
  return {
    plan: {
      cluster, survivor, id: note?.id ?? id, revision: note?.revision ?? survivor.datastore.revision!, reset: note?.reset ?? false,
      returning: hosts.filter(host => host !== survivor), gone: missing,
    },
  };
}

/** What the members agreed on has one order: of two, the one that goes further contains the other. */
function newestOf(hosts: readonly Host[]): Host | undefined {
  return hosts.filter(({ datastore }) => datastore.revision !== undefined)
    .reduce<Host | undefined>((newest, host) => (newest && newest.datastore.revision! >= host.datastore.revision! ? newest : host), undefined);
}

/** A machine that nobody can see may run, and with others form a majority of the old cluster. */
function unaccounted(missing: readonly Missing[], lost: readonly string[]): ProblemProps[] {
  return missing.filter(({ node }) => !lost.includes(node.name)).map(({ node: { name }, label, away, reason }) => ({
    subject: `management node '${name}'`, value: label,
    rule: away ? `it does not answer, and if it runs it may still be part of the cluster (${reason})` : `its data is not there: ${reason}`,
    remedy: `bring it back; or, once its machine is off for good or its disk is gone, say so with --lost ${name}`,
  }));
}

function quorumHolds(hosts: readonly Host[], cluster: string): ProblemProps[] {
  const healthy = hosts.filter(host => host.healthy).map(({ node }) => node.name);
  return healthy.length === 0 ? [] : [{
    subject: `cluster '${cluster}'`,
    rule: `it has its quorum: the etcd member of ${healthy.join(', ')} answers a linearizable read, so there is nothing to recover`,
    remedy: 'replace what is broken with `pulumi up`; `llmos-nodes nodes` shows it',
  }];
}

/** Once the survivor is a cluster of its own, nobody else may have a quorum of the old one. */
function secondCluster(hosts: readonly Host[], survivor: Host): ProblemProps[] {
  const { id } = survivor.datastore.recovery!;
  return hosts.filter(host => host !== survivor && host.healthy && !host.datastore.forgotten.includes(id)).map(({ node: { name }, machine }) => ({
    subject: `management node '${name}'`, value: machine.label,
    rule: `it has a quorum with machines that were said to be lost, while ${survivor.node.name} was recovered: these are two clusters`,
    remedy: `switch the others off for good, or wipe them; ${AGAIN}`,
  }));
}

/** Whatever makes it uncertain that what is chosen is the newest, and that no majority is left beside it. */
function doubtful({ survey: { hosts, missing }, lost, cluster }: Question, begun: Host | undefined): ProblemProps[] {
  const speaking = hosts.filter(({ datastore }) => datastore.revision !== undefined);
  const names = [...hosts, ...missing].map(({ node }) => node.name);
  const members = Math.max(names.length, ...hosts.map(({ datastore }) => datastore.members ?? 0));
  const strangers = lost.filter(name => !names.includes(name));
  const unknown = members - names.length;
  return [
    ...speaking.filter(({ node }) => lost.includes(node.name)).map(({ node: { name } }) => ({
      subject: '--lost', value: name, rule: 'its etcd member runs on its data, so nothing of it is lost', remedy: `leave that name away; ${AGAIN}`,
    })),
    ...strangers.slice(unknown).map(name => ({
      subject: '--lost', value: name, rule: `the stack has no management node of that name (it has ${names.join(', ')})`, remedy: 'check the name, and the stack with --stack',
    })),
    ...(unknown > strangers.length ? [{
      subject: `etcd of cluster '${cluster}'`, value: `${members} members`,
      rule: `the stack knows ${names.length} management nodes, so others may run and be a majority`,
      remedy: 'find out whose they are; once their machines are off for good, name them with --lost as well',
    }] : []),
    // Those that an earlier run of this recovery stopped say nothing any more: what they had was compared then.
    ...(begun ? [] : hosts.filter(({ node, datastore }) => datastore.present && datastore.revision === undefined && !lost.includes(node.name)).map(silent)),
    ...(speaking.length >= majority(members) ? [{
      subject: `cluster '${cluster}'`,
      rule: `${speaking.length} of its ${members} etcd members run (${speaking.map(({ node }) => node.name).join(', ')}), which is a majority, but they find no leader: nothing is lost`,
      remedy: 'see that these hosts reach each other on port 2380 and that their clocks and disks are well; etcd then recovers by itself',
    }] : []),
  ];
}

function silent({ node: { name }, machine, datastore }: Host): ProblemProps {
  return {
    subject: `management node '${name}'`, value: machine.label,
    rule: `etcd's data is on its disk, and its member ${datastore.running ? 'does not come up' : 'does not run'}, so nobody knows whether it is the newest`,
    remedy: `start Kubernetes there (systemctl start k3s), which may bring the quorum back; where its data cannot be opened, say so with --lost ${name}`,
  };
}

function overtaken(newest: Host, begun: Host): ProblemProps {
  return {
    subject: `recovery from '${begun.node.name}'`,
    rule: `${newest.node.name} is there by now and has newer data (revision ${newest.datastore.revision})`,
    remedy: 'run the same command again, which begins anew',
  };
}

function noData(cluster: string): ProblemProps {
  return {
    subject: `cluster '${cluster}'`, rule: 'none of its management hosts has data of etcd that can be opened, so there is nothing to recover from',
    remedy: 'restore a snapshot: k3s server --cluster-reset --cluster-reset-restore-path=FILE, with the token of its time',
  };
}
