import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { rejoinFenceBinding, rejoinFencePolicy } from '../llmos/fence';

/**
 * Keeps removed nodes from registering again. Made of plain API objects, because cdk8s-plus-28 has only the beta of
 * ValidatingAdmissionPolicy. The list of removed names is not among them: whoever applies this must not empty it.
 */
export class RejoinFence extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ApiObject(this, 'policy', rejoinFencePolicy());
    new ApiObject(this, 'binding', rejoinFenceBinding());
  }
}
