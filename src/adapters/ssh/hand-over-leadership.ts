import { K3S, RKE2 } from '../../llmos/paths';
import { ETCD_CLIENT_PORT } from '../../llmos/ports';
import type { Forward } from './forward';

/** etcd's own call for it. The runtimes bring no etcdctl and serve no JSON gateway, so it is asked as etcdctl asks. Source: etcd's rpc.proto. */
const MOVE_LEADER = '/etcdserverpb.Maintenance/MoveLeader';
const DEADLINE_MILLISECONDS = 10_000;

/**
 * Asks the member behind the forward, which leads, to let another voter lead. The certificates stay in memory.
 * @param read the content of the first of these files that is there
 * @param voter hexadecimal id
 */
export async function handOverLeadership(host: { forward(port: number): Promise<Forward> }, read: (paths: readonly string[]) => Promise<string>, voter: string): Promise<void> {
  const [ca, certificate, key] = await Promise.all(['server-ca.crt', 'client.crt', 'client.key']
    .map(async file => Buffer.from(await read([K3S, RKE2].map(({ etcdCertificates }) => `${etcdCertificates}/${file}`)))));
  // Loaded here and not on top: nobody else needs it.
  const { Client, credentials } = require('@grpc/grpc-js') as typeof import('@grpc/grpc-js');
  const { port, close } = await host.forward(ETCD_CLIENT_PORT);
  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(ca!, key!, certificate!));
  try {
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(MOVE_LEADER, (id: bigint) => moveLeaderRequest(id), () => undefined, BigInt(`0x${voter}`), { deadline: Date.now() + DEADLINE_MILLISECONDS },
        error => (error ? reject(error) : resolve()));
    });
  } finally {
    client.close();
    await close();
  }
}

/** `MoveLeaderRequest { uint64 targetID = 1; }` on the wire: the field's number and kind, then seven bits a byte, the lowest first. */
export function moveLeaderRequest(target: bigint): Buffer {
  const bytes = [0x08];
  let rest = target;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
