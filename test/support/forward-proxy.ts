import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ForwardProxy {
  /** Without user and password. */
  url: string;
  /** Method, target and credentials of each request. */
  seen: { method: string; target: string; credentials: string | undefined }[];
  close(): Promise<void>;
}

export interface ForwardProxyOptions {
  /** Who may use it; everybody else is asked for a password (407). */
  user: { username: string; password: string };
  /** Where requests are answered from, whatever host they name: an address without a slash at its end. */
  upstream: string;
  /** The port of loopback that tunnels (CONNECT) lead to, whatever they name. */
  tunnelTo?: number;
}

/** An HTTP proxy on loopback that wants a password (RFC 9110, 11.7). */
export async function startForwardProxy(options: ForwardProxyOptions): Promise<ForwardProxy> {
  const { user, upstream, tunnelTo = 0 } = options;
  const wanted = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
  const seen: ForwardProxy['seen'] = [];
  const tunnels = new Set<Duplex>();
  const mayPass = ({ method = '', url = '', headers }: IncomingMessage): boolean => {
    const credentials = headers['proxy-authorization'];
    seen.push({ method, target: url, credentials });
    return credentials === wanted;
  };
  const server = createServer((request, response) => {
    if (!mayPass(request))
      return void response.writeHead(407, { 'proxy-authenticate': 'Basic realm="gate"' }).end();
    const { pathname } = new URL(request.url ?? '', 'http://nowhere');
    fetch(`${upstream}${pathname}`, { method: request.method ?? 'GET' }).then(
      async (answer) => {
        const body = Buffer.from(await answer.arrayBuffer());
        response.writeHead(answer.status, { 'content-length': body.length }).end(body);
      },
      () => response.destroy(),
    );
  });
  server.on('connect', (request, socket) => {
    tunnels.add(socket);
    socket.on('close', () => tunnels.delete(socket));
    if (!mayPass(request))
      return void socket.end(
        'HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm="gate"\r\nContent-Length: 0\r\n\r\n',
      );
    const other = connect(tunnelTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Go on\r\n\r\n');
      socket.pipe(other).pipe(socket);
    });
    other.on('error', () => socket.destroy());
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
