import { App, Testing } from 'cdk8s';
import { ClusterChart, type ClusterChartProps, type MachineProps, type ManagementPoolProps } from '../../src/definition';

/** A chart of its own App, with the properties that say nothing in most tests. */
export function chart(props: Partial<ClusterChartProps> = {}): ClusterChart {
  return new ClusterChart(Testing.app() as App, 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: 'prod.example.com', ...props });
}

/** Machines m1, m2…, each in a zone of its own. */
export function machines(count: number, prefix = 'm', first = 11): MachineProps[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${prefix}${index + 1}`, address: `192.0.2.${first + index}`, zone: String.fromCharCode(97 + index),
  }));
}

/** A chart with a management pool of so many machines. */
export function managed(count: number, props: Partial<ManagementPoolProps> = {}, clusterProps: Partial<ClusterChartProps> = {}): ClusterChart {
  const cluster = chart(clusterProps);
  cluster.addManagementPool('management', { machines: machines(count), ...props });
  return cluster;
}

/** What synthesis says is wrong; empty when it succeeds. */
export function problems(cluster: ClusterChart): string[] {
  try {
    cluster.toJson();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).map((line) => line.trim());
  }
}

/** What Pulumi hands around before a value is known; told from others by its mark. */
export function output<T>(): T {
  return { __pulumiOutput: true } as T;
}
