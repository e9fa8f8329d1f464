import type { SemVer } from 'semver';
import gte from 'semver/functions/gte';
import parse from 'semver/functions/parse';
import { Problem } from '../problem';

/** Which Kubernetes LLMOS runs: the part after the plus sign of its version. */
export type Distribution = 'k3s' | 'rke2';

/** The oldest Kubernetes this library works with: the fence is a ValidatingAdmissionPolicy, whose v1 is served from 1.30 on. */
export const OLDEST_KUBERNETES = '1.30.0';

/** The ports LLMOS accepts in the address machines join through. */
export const REGISTRATION_PORTS: readonly number[] = [6443, 9345];

/** The port on which each distribution's servers take joining machines. */
export const REGISTRATION_PORT: Readonly<Record<Distribution, number>> = { k3s: 6443, rke2: 9345 };

/** `v1.34.4+k3s1`, taken apart. */
export interface KubernetesVersion {
  readonly distribution: Distribution;
  /** `1.34.4` */
  readonly kubernetes: string;
}

/**
 * Reads a version as LLMOS's `kubernetesVersion` has it: `v1.34.4+k3s1` or `v1.34.4+rke2r1`.
 *
 * @throws Problem where it is written differently or is older than {@link OLDEST_KUBERNETES}
 */
export function parseKubernetesVersion(text: string): KubernetesVersion {
  const version = typeof text === 'string' && text.startsWith('v') ? parse(text) : null;
  const distribution = version === null ? undefined : distributionOf(version);
  if (version === null || distribution === undefined) {
    throw new Problem({
      subject: 'kubernetesVersion', value: String(text),
      rule: 'it names a release of k3s or RKE2, with v in front and the distribution after the plus sign',
      remedy: "write it like 'v1.34.4+k3s1' or 'v1.34.4+rke2r1'",
    });
  }
  if (!gte(version, OLDEST_KUBERNETES)) {
    throw new Problem({
      subject: 'kubernetesVersion', value: text,
      rule: 'Kubernetes before 1.30 does not serve ValidatingAdmissionPolicy v1, which keeps removed nodes from coming back',
      remedy: 'use 1.30 or newer',
    });
  }
  return { distribution, kubernetes: version.version };
}

/** Whether a release came after another, k3s10 after k3s9 of one Kubernetes included. False where one of them cannot be read. */
export function isNewerKubernetes(version: string, than: string): boolean {
  const [a, b] = [parse(version), parse(than)];
  if (a === null || b === null) return false;
  const build = ({ build: parts }: SemVer) => Number(/\d+$/.exec(parts.join('.'))?.[0] ?? 0);
  return a.compare(b) === 0 ? build(a) > build(b) : a.compare(b) > 0;
}

function distributionOf({ build }: SemVer): Distribution | undefined {
  const [release, ...rest] = build;
  if (release === undefined || rest.length > 0) {
    return undefined;
  }
  if (/^k3s\d+$/.test(release)) {
    return 'k3s';
  }
  return /^rke2r\d+$/.test(release) ? 'rke2' : undefined;
}
