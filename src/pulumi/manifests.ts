import type { Provider } from '@pulumi/kubernetes';
import type { Resource } from '@pulumi/pulumi';

import type { ClusterChart } from '../definition';

/** Applies what the chart renders: the membership for review, the fence, and the rights removals run with. */
export function applyManifests(name: string, chart: ClusterChart, { parent, provider }: { parent: Resource; provider: Provider }): void {
  // Loaded here and not on top: importing it costs time and its plugin cannot be had everywhere.
  const { yaml } = require('@pulumi/kubernetes') as typeof import('@pulumi/kubernetes');
  new yaml.ConfigGroup(`${name}-manifests`, { objs: chart.toJson() as object[] }, { parent, provider });
}
