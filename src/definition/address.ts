import { isIP } from 'node:net';

const HOST_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/i;

/** Whether this is a host name or an IP address and nothing more: no scheme, user, port or path. */
export function isHost(address: string): boolean {
  if (isIP(address) !== 0) {
    // `fe80::1%eth0` means something on one machine only.
    return !address.includes('%');
  }
  // A last part of digits alone makes it a mistyped IPv4 address.
  return address.length <= 253 && HOST_NAME.test(address) && !/(^|\.)\d+$/.test(address);
}

/** One spelling for addresses that are the same: IPv6 has many, and host names ignore case. */
export function canonicalAddress(address: string): string {
  return isIP(address) === 6 && isHost(address) ? new URL(`https://[${address}]`).hostname.slice(1, -1) : address.toLowerCase();
}

/** `https://host:port`; an IPv6 address is put in brackets. */
export function httpsUrl(host: string, port: number): string {
  return `https://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
