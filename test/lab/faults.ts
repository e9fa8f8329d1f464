import type { Host } from './hosts';

/** What goes wrong with one host, and its end. Everybody else's machine stays as it was. */

/** Nothing passes between this host and any other one; only `operator`, who works over SSH, still reaches it. */
export async function cutOff(host: Host, operator: string): Promise<void> {
  await host.mustSsh(`iptables -I INPUT -i host0 ! -s ${operator} -j DROP && iptables -I OUTPUT -o host0 ! -d ${operator} -j DROP`);
}

export async function reunite(host: Host, operator: string): Promise<void> {
  await host.mustSsh(`iptables -D INPUT -i host0 ! -s ${operator} -j DROP && iptables -D OUTPUT -o host0 ! -d ${operator} -j DROP`);
}

const BALLAST = '/var/lib/ballast';

/** Leaves so many kilobytes free where LLMOS, k3s and etcd keep their data. For a host with a disk of its own. */
export async function fillDisk(host: Host, kilobytesLeft: number): Promise<void> {
  await host.mustSsh(`fallocate -l "$(( $(df -k --output=avail /var/lib | tail -n 1) - ${kilobytesLeft} ))KiB" ${BALLAST}`);
}

export async function freeDisk(host: Host): Promise<void> {
  await host.mustSsh(`rm ${BALLAST}`);
}

/** First where root's sudo looks. The hosts share one kernel and so one clock: this host is told another time by what tells it. */
const DATE = '/usr/local/sbin/date /usr/local/bin/date';

/** @param offset as GNU date understands it: `+1 hour` */
export async function setClockOff(host: Host, offset: string): Promise<void> {
  await host.mustSsh(`for date in ${DATE}; do printf '#!/bin/sh\\nexec /bin/date -d "${offset}" "$@"\\n' > "$date"; chmod 755 "$date"; done`);
}

export async function correctClock(host: Host): Promise<void> {
  await host.mustSsh(`rm ${DATE}`);
}
