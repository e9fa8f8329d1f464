import { parseAll, readAllScript, writeFileScript } from '../../llmos/host-scripts/files';
import { RESTART_IF_DUE_SCRIPT, ROTATE_TOKEN_SCRIPT } from '../../llmos/host-scripts/join-token';
import { RESTART_DUE_SCRIPT } from '../../llmos/host-scripts/restart-runtime';
import { TOKEN_FILES } from '../../llmos/token-files';
import type { Shell } from './shell';

/** A server that starts again waits for its etcd and its API server. */
const RESTART_SECONDS = 6 * 60;

/**
 * Changes the cluster's join token on a management host. Its own files get the new one at once, as it would not start with the old
 * one; it runs with the new one already, so it is not restarted.
 */
export async function rotateToken(shell: Shell): Promise<string> {
  const token = (await shell.need("changing the cluster's join token", ROTATE_TOKEN_SCRIPT, { timeoutSeconds: 120 })).trim();
  await writeToken(shell, token);
  return token;
}

/** Puts the token into a host's files and restarts its runtime where that ran with another one. */
export async function useToken(shell: Shell, token: string): Promise<void> {
  await writeToken(shell, token, () => shell.need('noting that Kubernetes is to be restarted', RESTART_DUE_SCRIPT));
  await shell.need('restarting Kubernetes with the new join token', RESTART_IF_DUE_SCRIPT, { timeoutSeconds: RESTART_SECONDS });
}

/** @param beforeRuntime done before the first file of the runtime changes */
async function writeToken(shell: Shell, token: string, beforeRuntime?: () => Promise<unknown>): Promise<void> {
  const contents = parseAll(await shell.need('reading where the join token lies', readAllScript(TOKEN_FILES.map(({ path }) => path))));
  const changed = TOKEN_FILES.flatMap(({ withToken, ...file }, index) => {
    const before = contents[index];
    const after = before === undefined ? undefined : withToken(before, token);
    return after === undefined || after === before ? [] : [{ ...file, after }];
  });
  if (changed.some(({ runtime }) => runtime)) await beforeRuntime?.();
  for (const { path, after } of changed) await shell.need(`writing ${path}`, writeFileScript(path), { input: after });
}
