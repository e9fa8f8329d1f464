import { isIP } from 'node:net';

import type { LlmosConfig } from '../../llmos/config';
import type { JoinContext } from './join-context';

/** The LLMOS configuration of a joining machine. The token is in it: it goes to the host's 0600 file and nowhere else. */
export function joinConfig({ node, session, settings, initialise, registration, token }: JoinContext): LlmosConfig {
  const common = {
    nodeName: node.name,
    // A host name is no node address: LLMOS then takes the machine's own.
    ...(isIP(node.address) ? { address: node.address } : {}),
    ...(node.internalAddress === undefined ? {} : { internalAddress: node.internalAddress }),
    labels: node.labels,
    taints: node.taints,
  };
  const { kubernetesVersion, tlsSans = [], llmosInstallerImage, ...images } = settings;
  if (initialise) return { ...common, ...images, role: 'cluster-init', kubernetesVersion, llmosInstallerImage, tlsSans: [session.cluster.registrationAddress, ...tlsSans] };
  return { ...common, ...images, role: node.role === 'management' ? 'server' : 'agent', server: registration, token };
}
