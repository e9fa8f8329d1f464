import type { Host } from './hosts';

/** All that makes a host a node: programs, units, configs, certificates, the node password and etcd's data. Images and pods are not of it. */
const FILES = 'etc/llmos etc/rancher etc/systemd/system usr/local/bin var/lib/llmos var/lib/rancher/k3s';

/** What a node leaves on a disk, kept aside as a backup or an old image of the machine would have it. */
export class OldFiles {
  private constructor(private readonly host: Host) {}

  /** @param unit stopped meanwhile, so that etcd's data is whole */
  static async keep(host: Host, unit?: string): Promise<OldFiles> {
    const copy = `cd / && tar cf /root/old-files.tar --exclude=var/lib/rancher/k3s/agent/containerd ${FILES}`;
    await host.mustSsh(unit === undefined ? copy : `systemctl stop ${unit}; ${copy}; systemctl start ${unit}`, { timeout: 120 });
    return new OldFiles(host);
  }

  /** Puts them back over whatever is there, and starts the unit as a boot would. /root/put-back marks the place in the journal. */
  async putBackAndStart(unit: string): Promise<void> {
    await this.host.mustSsh(`journalctl -q -n 0 --show-cursor | sed 's/^-- cursor: //' >/root/put-back && cd / && tar xf /root/old-files.tar && systemctl daemon-reload && systemctl start --no-block ${unit}`);
  }
}
