import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on loopback that can do what bad networks do. */
export interface Proxy {
  readonly port: number;
  /** From now on bytes vanish in both directions, while the connections stay open. */
  swallow(yes: boolean): void;
  /** Ends every connection at once. */
  cut(): void;
  /** New connections are cut after this time in ms, whatever they do; null: never. */
  cutAfter(ms: number | null): void;
  /** Connections that were accepted so far. */
  accepted(): number;
  close(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let swallowing = false;
  let lifeMs: number | null = null;
  let accepted = 0;

  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (bytes) => {
      if (!swallowing && !to.destroyed) to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      // What vanishes on the way is not told to the other side either.
      if (!swallowing) to.destroy();
    });
  };
  const server: Server = createServer((inner) => {
    accepted += 1;
    const outer = connect(targetPort, '127.0.0.1');
    for (const socket of [inner, outer]) sockets.add(socket);
    pass(inner, outer);
    pass(outer, inner);
    if (lifeMs !== null) setTimeout(() => inner.resetAndDestroy(), lifeMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    swallow(yes) {
      swallowing = yes;
    },
    cut,
    cutAfter(ms) {
      lifeMs = ms;
    },
    accepted: () => accepted,
    close() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
