export { type KubernetesConnectionOptions, connectKubernetes } from './connect';
