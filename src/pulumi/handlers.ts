import { kubeconfig as kubeconfigHandler } from './handlers/kubeconfig-handler';
import { membership as membershipHandler } from './handlers/membership-handler';
import { node as nodeHandler } from './handlers/node-handler';
import { guardedAgainstReporting } from './report-only';

/**
 * What Pulumi's state refers to: every resource of ours keeps a line that requires this module by its path and takes one of
 * these names. Both are a compatibility contract: an old state must stay deletable with a newer library.
 */
export const kubeconfig = guardedAgainstReporting(kubeconfigHandler);
export const membership = guardedAgainstReporting(membershipHandler);
export const node = guardedAgainstReporting(nodeHandler);
