import type { Provider } from '@pulumi/kubernetes';
import type { CustomResourceOptions, Resource } from '@pulumi/pulumi';

import type { ClusterChart } from '../definition';
import { type Manifest, REJOIN_FENCE } from '../llmos/fence';

/** Applies what the chart renders: the membership for review, the fence, and the rights removals run with. */
export function applyManifests(name: string, chart: ClusterChart, { parent, provider }: { parent: Resource; provider: Provider }): void {
  // Loaded here and not on top: importing it costs time and its plugin cannot be had everywhere.
  const { yaml } = require('@pulumi/kubernetes') as typeof import('@pulumi/kubernetes');
  new yaml.ConfigGroup(`${name}-manifests`, { objs: chart.toJson() as object[], transformations: [keepFence] }, { parent, provider });
}

/**
 * A destroy takes what depends on the nodes before it asks whether they may go, so that of one that is refused the fence would be
 * gone; and as long as there is a cluster, removed machines may come back to it.
 */
function keepFence({ metadata }: Manifest, options: CustomResourceOptions): void {
  if (metadata.name === REJOIN_FENCE) options.retainOnDelete = true;
}
