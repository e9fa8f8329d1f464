import { runtimeRelease } from '../../llmos/upgrade';
import { olderKubernetes } from '../../llmos/version-change';
import { Deadline } from '../../membership/deadline';
import { gateVersions } from '../../membership/gate-versions';
import { upgrade } from '../../membership/upgrade/upgrade';
import { reportProgress } from '../report-progress';
import { run } from '../run';
import { DEFAULT_DEADLINE_SECONDS, toTarget, type MembershipInputs, type NodeInputs, type NodeOutputs } from '../state';
import { changedKeys } from './provider';

/** A change of one of these upgrades the node in place. */
export const UPGRADING = ['kubernetesVersion', 'llmosVersion'] as const;

/**
 * Whether the node may go to the declared Kubernetes from what it was brought to last: a release that was declared and reached no
 * node, because there is no such release, does not count. A state of before that was recorded has the cluster's.
 * @returns one message where it may not
 */
export function refusedUpgrade(olds: Partial<NodeInputs>, { name, cluster, kubernetesVersion }: NodeInputs): string[] {
  return olds.name === undefined ? [] : gateVersions(name, olds.kubernetesVersion ?? run.formerVersion(cluster), kubernetesVersion);
}

/**
 * Brings the node to the declared Kubernetes and LLMOS: management nodes one by one, workers so many at once, and none of them any
 * more after one has failed.
 * @throws Problem where it did not work, or another worker's upgrade did not
 */
export async function upgradeNode(olds: NodeOutputs, news: NodeInputs, membership: MembershipInputs): Promise<void> {
  const { kubernetesVersion: version } = news;
  if (version === undefined || (changedKeys(olds, news, UPGRADING).length === 0 && olds.drift?.version === undefined)) return;
  await run.inUpgradeTurn(news, () => upgrade({
    session: run.session(membership, [], olds.identity), node: toTarget(news), release: runtimeRelease(version, membership.settings),
    installer: installsLlmos(olds, news) ? membership.installer : undefined,
    deadline: new Deadline(membership.deadlines.update ?? DEFAULT_DEADLINE_SECONDS), progress: reportProgress,
  }));
}

/** Which Kubernetes a node that joined, or was adopted, is recorded with: what is older than declared is upgraded by the next `up`. */
export function recordedVersion({ kubernetesVersion: declared }: NodeInputs, runs: string): string | undefined {
  return declared === undefined || runs === '' ? declared : olderKubernetes(declared, runs);
}

/** A state of before LLMOS was recorded says nothing about what is there: that is no reason to install it anew everywhere. */
function installsLlmos(olds: NodeOutputs, { llmosVersion }: NodeInputs): boolean {
  return llmosVersion !== undefined && olds.kubernetesVersion !== undefined && olds.llmosVersion !== llmosVersion;
}
