import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Source } from '../../../proto/source.ts';
import { type Certificate, createCertificate } from '../../support/certificate.ts';
import { craftedServer, packages, publishApt } from '../../support/crafted-repository.ts';
import { type ForwardProxy, startForwardProxy } from '../../support/forward-proxy.ts';
import { createSourceWorld } from '../../support/source-world.ts';

const secrets = { gate: { username: 'me', password: 'p:4 ss' } };
const wanted = `Basic ${Buffer.from('me:p:4 ss').toString('base64')}`;

async function startProxy(upstream: string, tunnelTo = 0): Promise<ForwardProxy> {
  const proxy = await startForwardProxy({ user: secrets.gate, upstream, tunnelTo });
  onTestFinished(proxy.close);
  return proxy;
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
    const repository = await craftedServer();
    publishApt(repository, packages('app'));
    const own = await createCertificate();
    const secure = await secureFront(repository.url, own);
    const proxy = await startProxy('', secure);
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
    world.set(source(url, proxy.url, { proxyAuth: 'gate', ca: own.cert }));
    await world.catalogue.settled();
    expect(world.packages('s')).toEqual(['app 1 all']);
  });
});

describe('sources over https', () => {
  it('are read where the certificate is of an authority that the source names', async () => {
    const repository = await craftedServer();
    publishApt(repository, packages('app'));
    const [own, other] = [await createCertificate(), await createCertificate('/CN=other')];
    const url = `https://127.0.0.1:${await secureFront(repository.url, own)}`;
    const of = (ca?: string): Source => {
      const { proxy: _none, ...direct } = source(url, '');
      return { ...direct, ...(ca !== undefined && { ca }) };
    };
    const world = await createSourceWorld({ secrets, sources: [of()] });
    await world.catalogue.settled();
    const error = () => world.catalogue.status('s')?.error;
    expect(error()).toMatchObject({
      code: 'source-unreachable',
      detail: expect.stringContaining('self-signed certificate'),
    });
    world.set(of(other.cert));
    await world.catalogue.settled();
    expect(error()?.code).toBe('source-unreachable');
    expect(world.packages('s')).toEqual([]);
    world.set(of(`${other.cert}${own.cert}`));
    await world.catalogue.settled();
    expect([error(), world.packages('s')]).toEqual([null, ['app 1 all']]);
  });
});

/** A server that speaks TLS in front of one that does not; gives its port. */
async function secureFront(upstream: string, certificate: Certificate): Promise<number> {
  const server = createSecureServer(certificate, (request, response) => {
    fetch(`${upstream}${request.url}`).then(
      async (answer) =>
        void response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
