import type { Deadline } from '../../membership/deadline';
import { waitUntil } from '../../membership/wait';
import type { SshConnection } from './connection';
import type { Shell } from './shell';

/** Different after each start of the host, whatever its clock says. */
const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';

/** Restarts a host in order and waits until it has started anew and takes logins. */
export async function reboot(connection: SshConnection, shell: Shell, onLine: (line: string) => void, deadline: Deadline): Promise<void> {
  const before = await shell.need('reading the boot id', BOOT_ID);
  // The connection may go before the answer comes; that it was done shows in the boot id.
  await shell.need('restarting the host', 'systemctl reboot').catch(() => undefined);
  await waitUntil(`host ${shell.label}`, async () => {
    try {
      const now = await shell.need('reading the boot id', BOOT_ID, { timeoutSeconds: 5 });
      return now !== before ? { done: true } : { done: false, reason: 'it shuts down' };
    } catch {
      await connection.close();
      return { done: false, reason: 'it boots' };
    }
  }, deadline, onLine);
  onLine('it starts its services');
  // Ends when all of them are up or have failed; what became of the node is asked of the cluster.
  await shell.run('systemctl is-system-running --wait', { timeoutSeconds: Math.max(1, deadline.remaining / 1000) });
}
