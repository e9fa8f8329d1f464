import { SYSTEM_NAMESPACE } from '../../llmos/fence';
import type { Deadline } from '../../membership/deadline';
import type { ApiClient } from './api-client';
import { hasCode } from './api-error';
import { Watched, listed } from './watched';

/**
 * Waits until the Secret is gone in which k3s or RKE2 keeps the node's password: until then a machine that joins under the
 * same name with another password is refused. An account that may not read Secrets, as a removal's own, cannot see that and
 * goes on; a join under that name then tells.
 */
export async function waitForPasswordGone(client: ApiClient, node: string, deadline: Deadline): Promise<void> {
  for (const name of [`${node}.node-password.k3s`, `${node}.node-password.rke2`]) {
    if (await visible(client, name)) {
      await watchedSecret(client, name).until(`secret '${SYSTEM_NAMESPACE}/${name}'`, (secrets) => (
        secrets.size === 0 ? { done: true } : { done: false, reason: `it goes with node '${node}' and is still there` }
      ), deadline);
    }
  }
}

async function visible(client: ApiClient, name: string): Promise<boolean> {
  try {
    await client.call(`read secret '${name}'`, ({ core }) => core.readNamespacedSecret({ name, namespace: SYSTEM_NAMESPACE }));
    return true;
  } catch (error) {
    if (hasCode(error, 404) || hasCode(error, 403)) {
      return false;
    }
    throw error;
  }
}

function watchedSecret(client: ApiClient, name: string) {
  const fieldSelector = `metadata.name=${name}`;
  return new Watched({
    list: () => client.once(`list secret '${name}'`, async ({ core }) => listed(await core.listNamespacedSecret({ namespace: SYSTEM_NAMESPACE, fieldSelector }))),
    watch: (resourceVersion, seconds, onEvent, signal) => client.watch(
      `/api/v1/namespaces/${SYSTEM_NAMESPACE}/secrets`, { fieldSelector, resourceVersion, timeoutSeconds: String(seconds) }, onEvent, signal),
  });
}
