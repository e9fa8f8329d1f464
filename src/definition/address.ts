import { isIPv4, isIPv6 } from 'node:net';

const HOST_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/i;

/** Whether this is a host name or an IP address and nothing more: no scheme, user, port or path. */
export function isHost(address: string): boolean {
  if (isIPv4(address)) return true;
  // `fe80::1%eth0` means something on one machine only. A host name has no colon.
  if (address.includes(':')) return isIPv6(address) && !address.includes('%');
  // A last part of digits alone makes it a mistyped IPv4 address.
  return address.length <= 253 && HOST_NAME.test(address) && !/(^|\.)\d+$/.test(address);
}

/** One spelling for addresses that are the same: IPv6 has many, and host names ignore case. */
export function canonicalAddress(address: string): string {
  return address.includes(':') && isHost(address) ? new URL(`https://[${address}]`).hostname.slice(1, -1) : address.toLowerCase();
}

/** `https://host:port`; an IPv6 address is put in brackets. */
export function httpsUrl(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
