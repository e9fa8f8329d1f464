import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { SshConnection } from './connection';

/** A port on this machine's loopback that leads to a port on a host's loopback. */
export interface Forward {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens a port on 127.0.0.1 whose connections go through SSH to the host's own 127.0.0.1:`remotePort`. */
export async function forward(connection: SshConnection, remotePort: number): Promise<Forward> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void relay(socket, connection, remotePort);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server, sockets) };
}

async function relay(socket: Socket, connection: SshConnection, remotePort: number): Promise<void> {
  // Until the far end is there, an error here has no pipeline to catch it.
  socket.on('error', () => undefined);
  try {
    const channel = await connection.reach('127.0.0.1', remotePort);
    await Promise.all([pipeline(socket, channel), pipeline(channel, socket)]);
  } catch {
    // Whoever connected sees the connection reset, which is what a broken server would look like.
    socket.destroy();
  }
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise(resolve => server.close(() => resolve()));
}
