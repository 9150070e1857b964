import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Source } from '../../../proto/source.ts';
import { craftedServer, packages, publishApt } from '../../support/crafted-repository.ts';
import { createSourceWorld } from '../../support/source-world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const secrets = { gate: { username: 'me', password: 'p:4 ss' } };
const wanted = `Basic ${Buffer.from('me:p:4 ss').toString('base64')}`;

interface Proxy {
  url: string;
  /** Method, target and credentials of each request. */
  seen: { method: string; target: string; credentials: string | undefined }[];
}

/** A proxy that wants a password: it answers from `upstream` whatever host is asked for, and tunnels to `tunnelTo`. */
async function startProxy(upstream: string, tunnelTo = 0): Promise<Proxy> {
  const seen: Proxy['seen'] = [];
  const note = ({ method = '', url = '', headers }: IncomingMessage): boolean => {
    seen.push({ method, target: url, credentials: headers['proxy-authorization'] });
    return headers['proxy-authorization'] === wanted;
  };
  const server = createServer((request, response) => {
    if (!note(request)) return void response.writeHead(407).end();
    const { pathname } = new URL(request.url ?? '');
    fetch(`${upstream}${pathname}`).then(
      async (answer) => {
        response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
      },
      () => response.destroy(),
    );
  });
  server.on('connect', (request, socket) => {
    onTestFinished(() => void socket.destroy());
    if (!note(request)) return void socket.end('HTTP/1.1 407 Who are you\r\n\r\n');
    const other = connect(tunnelTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Go on\r\n\r\n');
      socket.pipe(other).pipe(socket);
    });
    other.on('error', () => socket.destroy());
    socket.on('error', () => other.destroy());
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}`, seen };
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const source = (url: string, proxy: string, more: Partial<Source> = {}): Source => ({
  ...{ id: 's', type: 'apt', url, suite: 'stable', components: ['main'], archs: ['amd64'] },
  ...{ target: {}, trusted: true, proxy, ...more },
});

describe('proxies of sources', () => {
  it('get the password that is theirs', async () => {
    const repository = await craftedServer();
    publishApt(repository, packages('app'));
    const proxy = await startProxy(repository.url);
    const url = 'http://packages.example.org';
    const world = await createSourceWorld({ secrets, sources: [source(url, proxy.url)] });
    await world.catalogue.settled();
    expect(world.catalogue.status('s')?.error?.detail).toContain('answered 407');
    world.set(source(url, proxy.url, { proxyAuth: 'gate' }));
    await world.catalogue.settled();
    expect(world.packages('s')).toEqual(['app 1 all']);
    expect(proxy.seen.at(-1)).toMatchObject({
      method: 'GET',
      target: expect.stringContaining('http://packages.example.org/dists/stable/'),
    });
    expect(JSON.stringify([world.logged, world.events])).not.toContain('4 ss');
  });

  it('tunnel to https, whose certificate must be right', async () => {
    const directory = temporaryDirectory();
    const [key, cert] = [join(directory, 'key'), join(directory, 'cert')];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert];
    const subject = ['-subj', '/CN=packages.example.org', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' });
    const secure = createSecureServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (_request, response) => response.end('never'),
    );
    const proxy = await startProxy('', await listening(secure));
    const url = 'https://packages.example.org';
    const world = await createSourceWorld({
      secrets,
      sources: [source(url, proxy.url, { proxyAuth: 'gate' })],
    });
    await world.catalogue.settled();
    expect(proxy.seen[0]).toEqual({
      method: 'CONNECT',
      target: 'packages.example.org:443',
      credentials: wanted,
    });
    expect(world.catalogue.status('s')?.error).toMatchObject({
      code: 'source-unreachable',
      detail: expect.stringContaining('self-signed certificate'),
    });
    world.set(source(url, proxy.url));
    await world.catalogue.settled();
    expect(world.catalogue.status('s')?.error?.detail).toContain('the proxy answered 407');
  });
});
