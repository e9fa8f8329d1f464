import valid from 'semver/functions/valid';
import { parseKubernetesVersion } from '../llmos/kubernetes-version';
import { Problem, type ProblemProps } from '../problem';
import type { ClusterChartProps } from './cluster-chart-props';

/** What is wrong with the versions of a cluster, and with how they are changed. What may follow what, a preview says: it has both. */
export function versionProblems({ kubernetesVersion, llmosVersion, maxUnavailable }: ClusterChartProps): ProblemProps[] {
  const problems: ProblemProps[] = [];
  try {
    parseKubernetesVersion(kubernetesVersion);
  } catch (error) {
    if (!(error instanceof Problem)) {
      throw error;
    }
    problems.push(error.props);
  }
  if (llmosVersion !== undefined && !(String(llmosVersion).startsWith('v') && valid(llmosVersion) !== null)) {
    problems.push({ subject: 'llmosVersion', value: String(llmosVersion), rule: 'the installer takes a release with v in front', remedy: "write it like 'v0.3.1'" });
  }
  if (maxUnavailable !== undefined && !(Number.isInteger(maxUnavailable) && maxUnavailable >= 1)) {
    problems.push({
      subject: 'maxUnavailable', value: String(maxUnavailable), rule: 'it says how many workers may be out of service at once, and with none of them no upgrade gets on',
      remedy: 'use a whole number from 1 on, or leave it out for 1',
    });
  }
  return problems;
}
