// cloud-machine.ts — a stand-in for a cloud provider, so that this example runs without an account
import * as pulumi from '@pulumi/pulumi';

export interface CloudMachineArgs {
  readonly zone: string;
  /** Address that the stand-in hands out. With a real provider it is not an argument but a result. */
  readonly pretendAddress: string;
}

/** A machine at a cloud provider, with SSH and nothing else on it. */
export class CloudMachine extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: CloudMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cloud-machines:index:CloudMachine', name, {}, opts);

    // A real provider's instance goes here, with `{ parent: this }`:
    //   const instance = new hcloud.Server(name, { serverType: 'cpx51', image: 'debian-12', datacenter: args.zone, sshKeys: [...] }, { parent: this });
    //   this.address = instance.ipv4Address;
    // Its address is not known before it was made: a preview then shows the nodes without one.
    this.address = pulumi.output(args.pretendAddress);

    this.registerOutputs({ address: this.address });
  }
}
