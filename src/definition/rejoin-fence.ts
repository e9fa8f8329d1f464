import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { rejoinFenceBinding, rejoinFencePolicy } from '../llmos/fence';

/**
 * Keeps removed nodes from registering again. The list of removed names is not among its objects: whoever applies this must
 * not empty it.
 */
export class RejoinFence extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ApiObject(this, 'policy', rejoinFencePolicy());
    new ApiObject(this, 'binding', rejoinFenceBinding());
  }
}
