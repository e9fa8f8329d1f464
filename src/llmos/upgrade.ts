import { parseDocument } from 'yaml';
import type { ImageSettings } from './config';
import { parseKubernetesVersion } from './kubernetes-version';

/**
 * A release of Kubernetes and where a host gets it from.
 *
 * LLMOS has two ways to put one on a host, and neither is asked to do it here. `llmos bootstrap` does nothing once its done stamp is
 * there; forced, a node that joined takes the version of whatever API server answers, so that it never gets ahead of it. The
 * `Upgrade` resource goes over all nodes by itself and starts the next when a job has ended, whether or not etcd is well. What is
 * taken over is what both come down to: LLMOS's own image of the release, of which the binary replaces the one that is there, and a
 * restart. Source: LLMOS's bootstrap, LLMOS operator's upgrade controller and node upgrade script.
 */
export interface RuntimeRelease {
  /** `v1.34.5+k3s1` */
  readonly version: string;
  /** `docker.io/rancher/system-agent-installer-k3s:v1.34.5-k3s1`: the image that LLMOS installs Kubernetes from. */
  readonly image: string;
}

/** Where LLMOS's region mirror keeps those images. */
const MIRROR_REGISTRY = 'registry.cn-hangzhou.aliyuncs.com';

/** The release as LLMOS itself would get it with these settings. Source: LLMOS's images package. */
export function runtimeRelease(version: string, settings: Pick<ImageSettings, 'mirror' | 'globalSystemImageRegistry' | 'runtimeInstallerImage'>): RuntimeRelease {
  const { mirror, globalSystemImageRegistry, runtimeInstallerImage } = settings;
  const registry = globalSystemImageRegistry ?? (mirror === undefined ? 'docker.io' : MIRROR_REGISTRY);
  const { distribution } = parseKubernetesVersion(version);
  // A tag has no plus sign.
  return { version, image: runtimeInstallerImage ?? `${registry}/rancher/system-agent-installer-${distribution}:${version.replace('+', '-')}` };
}

/** LLMOS's config with the release in it, where it names one: a bootstrap that somebody forces must not install the older one. */
export function llmosConfigOfRelease(yaml: string, version: string): string {
  const document = parseDocument(yaml, { version: '1.1' });
  if (!document.has('kubernetesVersion') || document.get('kubernetesVersion') === version) return yaml;
  document.set('kubernetesVersion', version);
  return document.toString({ lineWidth: 0 });
}
