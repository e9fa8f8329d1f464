// pretended-machines.ts — what `pulumi up` of this example uses where there is no account: addresses and no machines
import * as pulumi from '@pulumi/pulumi';

import type { PlannedMachine, Reached } from './cluster';

/** The addresses that a provider would have handed out. */
export function pretendedMachine({ number }: PlannedMachine): Reached {
  return { address: pulumi.output(`203.0.113.${number}`), internalAddress: `10.20.0.${number}` };
}
