// machines.ts — the machines at the cloud provider: Hetzner Cloud here, and much the same with any other
import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';

import type { PlannedMachine, Reached } from './cluster';

/** The nodes talk to each other in here. */
const RANGE = '10.20.0.0/24';

/** A private network, the key that logs in, and in each zone machines that stand on different hosts. */
export class Machines {
  private readonly network = new hcloud.Network('llmos', { ipRange: RANGE });
  private readonly subnet = new hcloud.NetworkSubnet('llmos', {
    networkId: this.network.id.apply(Number), ipRange: RANGE, networkZone: 'eu-central', type: 'cloud',
  });
  private readonly key: hcloud.SshKey;
  /** Machines of one group never share a host; a group takes ten. */
  private readonly apart = new hcloud.PlacementGroup('llmos-management', { type: 'spread' });

  constructor(publicKey: string) {
    this.key = new hcloud.SshKey('llmos', { publicKey });
  }

  make({ name, zone, management, number }: PlannedMachine): Reached {
    const internalAddress = `10.20.0.${number}`;
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: 'ED25519' });
    const server = new hcloud.Server(name, {
      serverType: management ? 'cpx51' : 'ccx63', image: 'debian-12', location: zone,
      sshKeys: [this.key.name],
      ...(management ? { placementGroupId: this.apart.id.apply(Number) } : {}),
      userData: cloudInit(hostKey),
      networks: [{ networkId: this.network.id.apply(Number), ip: internalAddress }],
    }, { dependsOn: this.subnet });
    return { address: server.ipv4Address, internalAddress, hostKey: hostKey.publicKeyOpenssh.apply(line => line.trim()) };
  }
}

/** Gives the machine the host key that we know, so that its first connection is checked like every other. JSON is YAML. */
function cloudInit(hostKey: tls.PrivateKey): pulumi.Output<string> {
  return pulumi.all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh]).apply(([secret, open]) =>
    `#cloud-config\n${JSON.stringify({ ssh_deletekeys: true, ssh_keys: { ed25519_private: secret, ed25519_public: open } })}\n`);
}
