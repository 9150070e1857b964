import type { AddressInfo, Server, Socket } from 'node:net';

/** A listener that can go away and come back on the same port. */
export interface SwitchableServer {
  readonly port: number;
  up(): Promise<void>;
  /** Stops to listen and ends all connections: new ones are refused. */
  down(): Promise<void>;
  /** Ends all connections; new ones are taken. */
  cut(): void;
}

export async function switchable(create: () => Server): Promise<SwitchableServer> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const up = async (): Promise<void> => {
    const fresh = create();
    fresh.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      fresh.once('error', reject);
      fresh.listen(port, '127.0.0.1', resolve);
    });
    port = (fresh.address() as AddressInfo).port;
    server = fresh;
  };
  await up();
  return {
    port,
    up,
    async down() {
      const ending = server;
      server = null;
      cut();
      await new Promise<void>((resolve) => (ending ? ending.close(() => resolve()) : resolve()));
    },
    cut,
  };
}
