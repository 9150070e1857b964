import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a bad network does to the content of packets; everything else passes. */
export interface ContentFaults {
  /** Each connection is cut after so many bytes of content. */
  cutAfter?: number;
  /** The byte at this place of each answer is turned round. */
  corruptAt?: number;
  /** So many bytes pass in a second. */
  bytesPerSecond?: number;
}

/** A TCP proxy before the server's HTTP port. */
export interface ContentProxy {
  readonly http: string;
  faults: ContentFaults;
  /** Bytes of answers to requests for content that were passed on. */
  contentBytes(): number;
  /** Requests for content that came. */
  requests(): number;
  close(): Promise<void>;
}

const CONTENT = /GET \/v1\/packets\/\S+\/content /;
const SLICES_PER_SECOND = 20;

export async function startContentProxy(target: string): Promise<ContentProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let passed = 0;
  let requests = 0;

  const serve = (inner: Socket): void => {
    const outer = connect({ host: hostname, port: Number(port), noDelay: true });
    let isContent = false;
    let sent = 0;
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    inner.on('data', (bytes: Buffer) => {
      isContent = CONTENT.test(bytes.toString('latin1'));
      if (isContent) {
        requests += 1;
        sent = 0;
      }
      outer.write(bytes);
    });
    outer.on('data', (bytes: Buffer) => {
      if (!isContent) {
        inner.write(bytes);
        return;
      }
      const { cutAfter = Infinity, corruptAt = -1, bytesPerSecond } = proxy.faults;
      const part = bytes.subarray(0, Math.max(0, cutAfter - sent));
      const place = corruptAt - sent;
      if (place >= 0 && place < part.length) part[place] = (part[place] ?? 0) ^ 0xff;
      sent += part.length;
      passed += part.length;
      if (sent >= cutAfter) {
        inner.end(part, () => inner.destroy());
        return;
      }
      inner.write(part);
      if (bytesPerSecond === undefined) return;
      outer.pause();
      const ms = Math.max(1000 / SLICES_PER_SECOND, (part.length / bytesPerSecond) * 1000);
      setTimeout(() => outer.resume(), ms);
    });
  };
  const server = createServer({ noDelay: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: ContentProxy = {
    http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: {},
    contentBytes: () => passed,
    requests: () => requests,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}
