import { REGISTRATION_PORTS } from '../llmos/kubernetes-version';
import { readConfirmations } from '../llmos/removal';
import type { ProblemProps } from '../problem';
import { count, list } from '../quorum/words';
import { isHost } from './address';
import type { ClusterChartProps } from './cluster-chart-props';
import { isNodeName } from './kubernetes-syntax';
import type { NodePool } from './node-pool';
import { duplicateProblems } from './uniqueness';
import { versionProblems } from './version-rules';

/** Everything that is wrong with a cluster as a whole; what is wrong within a pool, the pool says. */
export function clusterProblems(name: string, props: ClusterChartProps, pools: readonly NodePool[]): ProblemProps[] {
  return [
    ...versionProblems(props),
    ...registrationProblems(props),
    ...removalProblems(props),
    ...settingProblems(props),
    ...managementPoolProblems(name, pools),
    ...duplicateProblems(pools.flatMap((pool) => pool.nodes)),
  ];
}

function registrationProblems({ registrationAddress, registrationPort }: ClusterChartProps): ProblemProps[] {
  const problems: ProblemProps[] = [];
  if (typeof registrationAddress !== 'string' || !isHost(registrationAddress)) {
    problems.push({
      subject: 'registrationAddress', value: String(registrationAddress),
      rule: 'it is a host name or an IP address alone, without a scheme, a port or a path',
      remedy: "write it like 'prod.example.com', and the port as registrationPort",
    });
  }
  if (registrationPort !== undefined && !REGISTRATION_PORTS.includes(registrationPort)) {
    problems.push({ subject: 'registrationPort', value: String(registrationPort), rule: 'LLMOS joins through no other port than these two', remedy: `use ${list(REGISTRATION_PORTS.map(String))}` });
  }
  return problems;
}

function removalProblems({ confirmRemoval = [] }: ClusterChartProps): ProblemProps[] {
  const { removals, problems } = readConfirmations(confirmRemoval, 'confirmRemoval');
  return [...problems, ...removals.filter(({ name }) => !isNodeName(name)).map(({ name }) => ({
    subject: 'confirmRemoval', value: name, rule: 'removals are confirmed by the full name of the node, one by one', remedy: "write it like 'm2'",
  }))];
}

function settingProblems({ mirror, tlsSans = [] }: ClusterChartProps): ProblemProps[] {
  const problems: ProblemProps[] = [];
  if (mirror !== undefined && mirror !== 'cn') {
    problems.push({ subject: 'mirror', value: String(mirror), rule: 'LLMOS knows no such mirror', remedy: "use 'cn' or leave it out" });
  }
  for (const name of tlsSans.filter((san) => !isHost(String(san)))) {
    problems.push({ subject: 'tlsSans', value: String(name), rule: 'a certificate is for host names and IP addresses', remedy: "write it like 'prod.example.com'" });
  }
  return problems;
}

function managementPoolProblems(name: string, pools: readonly NodePool[]): ProblemProps[] {
  const management = pools.filter((pool) => pool.definition.role === 'management');
  if (management.length === 1) {
    return [];
  }
  return [{
    subject: `cluster '${name}'`,
    value: management.length === 0 ? 'no management pool' : `${count(management.length, 'management pool')}: ${list(management.map((pool) => pool.definition.name), 'and')}`,
    rule: 'the management nodes are one quorum, so they are declared in one pool',
    remedy: management.length === 0 ? 'add one with addManagementPool' : 'put their machines into one pool',
  }];
}
