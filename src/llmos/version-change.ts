import type { SemVer } from 'semver';
import parse from 'semver/functions/parse';
import { Problem, type ProblemProps } from '../problem';
import { isNewerKubernetes, parseKubernetesVersion } from './kubernetes-version';
import type { NodeRole } from './node';

/** How many minor versions a kubelet may be behind an API server. Source: Kubernetes' version skew policy. */
export const KUBELET_SKEW = 3;

/** Why something is not to be, and what to do instead. */
export interface Refusal {
  readonly rule: string;
  readonly remedy: string;
}

/**
 * Why a node does not go from one release to another: k3s, RKE2 and LLMOS support neither a way back nor a minor version left out,
 * and another distribution is another installation. Undefined where it may. Both are releases as LLMOS writes them.
 */
export function refusedChange(from: string, to: string): Refusal | undefined {
  const [was, will] = [parseKubernetesVersion(from), parseKubernetesVersion(to)];
  if (was.distribution !== will.distribution) {
    return { rule: `a node does not change from ${was.distribution} to ${will.distribution} in place`, remedy: `stay with ${was.distribution}, or make a new cluster and move to it` };
  }
  if (isNewerKubernetes(from, to)) {
    return { rule: 'Kubernetes has no way back to an older release: its data may be written as only the newer one reads it', remedy: `declare '${from}' or a newer one` };
  }
  if (minor(to) > minor(from) + 1) {
    return { rule: 'no minor version may be left out', remedy: `declare the latest ${next(from)} first and run \`pulumi up\`, then go on` };
  }
  return undefined;
}

/**
 * Why a declaration may not go from one release to another; undefined also where there is nothing to compare: no release before or
 * after, or one that was written by hand or by another program and cannot be read.
 */
export function refusedDeclaration(before: string | undefined, after: string | undefined): Refusal | undefined {
  if (before === undefined || after === undefined || before === after) return undefined;
  try {
    return refusedChange(before, after);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** What a definition says of releases and of who runs them. */
export interface DeclaredRelease {
  readonly kubernetesVersion?: string;
  readonly nodes: readonly { readonly name: string; readonly role: NodeRole }[];
}

/**
 * Why the release does not change together with the removal of management nodes: Pulumi deletes last, so that their API servers still
 * run the old one when the workers' turn comes. Undefined where it may.
 * @param gone nodes whose machines are gone: they leave before anything else
 */
export function upgradeBesideRemoval(cluster: string, before: DeclaredRelease, after: DeclaredRelease, gone: readonly string[]): ProblemProps | undefined {
  const [from, to] = [before.kubernetesVersion, after.kubernetesVersion];
  if (from === undefined || to === undefined || from === to || after.nodes.every(({ role }) => role !== 'worker')) return undefined;
  const leaving = before.nodes.filter(({ name, role }) => role === 'management' && !gone.includes(name) && !after.nodes.some(node => node.name === name));
  if (leaving.length === 0) return undefined;
  return {
    subject: `kubernetesVersion of cluster '${cluster}'`, value: `${from} → ${to}`,
    rule: `${leaving.map(({ name }) => name).join(', ')} would leave in the same change, which is last, and no worker is ever ahead of an API server that runs`,
    remedy: 'make two changes of it: the removal and the upgrade, each with a `pulumi up` of its own',
  };
}

/** Why a node of this release may not work with an API server of that one. Undefined where it may. */
export function refusedBeside(kubelet: string, apiServer: string): Refusal | undefined {
  if (parseKubernetesVersion(kubelet).distribution !== parseKubernetesVersion(apiServer).distribution) {
    return { rule: 'all nodes of a cluster run the same distribution', remedy: `name a release of ${parseKubernetesVersion(apiServer).distribution}` };
  }
  if (isNewerKubernetes(kubelet, apiServer)) {
    return { rule: `a worker is never ahead of an API server, and that runs ${apiServer}`, remedy: 'upgrade the management nodes first' };
  }
  if (minor(apiServer) - minor(kubelet) > KUBELET_SKEW) {
    return { rule: `a kubelet may be ${KUBELET_SKEW} minor versions behind an API server, and that runs ${apiServer}`, remedy: 'upgrade the workers first' };
  }
  return undefined;
}

/** Whether API servers of these two releases may run side by side: they are one minor version apart at most. */
export function mayServeTogether(a: string, b: string): boolean {
  return Math.abs(minor(a) - minor(b)) <= 1;
}

/** The older of two releases; the first where one of them cannot be read. */
export function olderKubernetes(a: string, b: string): string {
  return isNewerKubernetes(a, b) ? b : a;
}

function minor(version: string): number {
  const { major, minor: number } = semver(version);
  return major * 1000 + number;
}

function next(version: string): string {
  const { major, minor: number } = semver(version);
  return `v${major}.${number + 1}`;
}

function semver(version: string): SemVer {
  return parse(version)!;
}
