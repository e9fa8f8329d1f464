/**
 * What Pulumi's state refers to: every resource of ours keeps a line that requires this module by its path and takes one of
 * these names. Both are a compatibility contract: an old state must stay deletable with a newer library.
 */
export { kubeconfig } from './handlers/kubeconfig-handler';
export { membership } from './handlers/membership-handler';
export { node } from './handlers/node-handler';
