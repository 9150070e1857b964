import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostileWorld, hostileWorld, peakMemory } from '../support/hostile-world.ts';
import { openHttp, type RawHttp, rawAnswer, statusesOf } from '../support/raw-http.ts';

let world: HostileWorld;
let before: unknown;

beforeAll(async () => {
  world = await hostileWorld();
  before = await world.state();
});
afterAll(() => world?.stop());

const authorized = (): string => `Host: x\r\nAuthorization: Bearer ${world.server.token}\r\n`;
const raw = (request: string): Promise<string> => rawAnswer(world.server.http, request);
const alive = async (): Promise<number> => (await fetch(`${world.server.http}/healthz`)).status;
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${world.server.http}${path}`, {
    headers: { authorization: `Bearer ${world.server.token}`, ...headers },
  });

describe('addresses that no client builds', () => {
  const close = 'Connection: close\r\n';

  it.each([
    ['/../../../etc/passwd', 404],
    ['/..%2f..%2f..%2fetc%2fpasswd', 404],
    ['/%2e%2e/%2e%2e/etc/passwd', 404],
    ['/assets/..%5c..%5cetc/passwd', 404],
    ['//etc/passwd', 404],
    ['/index.html%00.js', 404],
    ['/%', 400],
    ['/%zz', 400],
    ['/%c0%af', 400],
    ['/main.js/../../../package.json', 404],
  ])('of the page: %s is %i', async (path, status) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\n${close}\r\n`);
    expect(statusesOf(answer)).toEqual([status]);
    expect(answer).not.toMatch(/root:|devDependencies/);
  });

  it.each([
    '/v1/specs/..%2f..%2fpackets',
    '/v1/specs/%2e%2e',
    '/v1/specs/%00',
    '/v1/specs/%ff',
    '/v1/specs/%',
    '/v1/specs/%zz',
    '/v1/specs/__proto__',
    '/v1/specs/constructor',
    '/v1/specs/a%0d%0aX-Injected:%20yes',
    '/v1/packets/..%2f..%2f..%2foperator-token/content',
    '/v1/packets/sha256:..%2f..%2foperator-token/content',
    '/v1/packets/sha256%3A%2e%2e/content',
    '/v1/packets/__proto__/content',
    `/v1/packets/${'a'.repeat(600)}`,
    '/v1/devices/constructor',
    '/v1/devices/__proto__/desired',
    '/v1/explain/..%2f..',
    '/v1/tokens/..%2fdevice',
    '/v1/tokens/constructor',
    '/v1/generations/1e1',
    '/v1/generations/-1',
    '/v1/generations/99999999999999999999',
    '/v1/specs/kept-spec/revisions/0x1',
    '/v1/nothing',
    '/v1/specs/kept-spec/nothing',
  ])('of the API: %s is refused', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\n${authorized()}${close}\r\n`);
    expect(statusesOf(answer)[0]).toBeGreaterThanOrEqual(400);
    expect(statusesOf(answer)[0]).toBeLessThan(500);
    expect(answer).toMatch(/"code":"[a-z-]+"/);
    expect(answer).not.toMatch(/jd_file|^X-Injected/m);
  });

  it.each([
    '/v1',
    '/v1/',
    '/v1/specs',
    '/v1/nothing',
    '/%761/specs',
    '/v1%2fspecs',
    '/v1/specs/%zz',
    '/v1?x',
    '/v1/openapi.json',
  ])('without credentials nothing is said of %s', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\n${close}\r\n`);
    expect(statusesOf(answer)).toEqual([path.startsWith('/v1%2f') ? 404 : 401]);
  });

  it('absolute and odd forms of the address reach nothing without credentials', async () => {
    for (const target of [
      'http://x/v1/specs',
      'http://x/v1/specs?a',
      '*',
      'x:443',
      '/V1/specs',
      '//v1/specs',
      '/./v1/specs',
      '/x/../v1/specs',
      '/v1\\specs',
    ]) {
      const answer = await raw(`GET ${target} HTTP/1.1\r\nHost: x\r\n${close}\r\n`);
      // the page is open to everybody, under whatever name
      expect(statusesOf(answer)[0], target).toSatisfy(
        (status: number) => status >= 400 || answer.includes('text/html'),
      );
      expect(answer, target).not.toContain('kept-spec');
    }
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=1.5',
    'limit=1e9',
    'limit=0x1',
    'limit=true',
    'limit=x',
    'limit=1&limit=2',
    'limit[]=1',
    '__proto__=x',
    'constructor=x',
    '__proto__[limit]=1',
    'selector=a=b=c',
    'selector=,,',
    'selector=__proto__',
    'phase=dancing',
    'unknown=1',
    `cursor=${'x'.repeat(600)}`,
  ])('the query %s is refused', async (query) => {
    const answer = await get(`/v1/devices?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: expect.stringMatching(/^bad-/) });
  });

  it('cursors that nobody gave out are refused or give a page, and never fail', async () => {
    const made = (place: unknown): string =>
      Buffer.from(JSON.stringify(place)).toString('base64url');
    const cursors = [
      '%00',
      '..',
      '!!!',
      '-1',
      '1e400',
      '999999999999999',
      '99999999999999999999',
      'null',
      '%ff%fe',
      made(null),
      made({}),
      made([]),
      made([{}]),
      made(['a']),
      made([-1]),
      made([1.5]),
      made([1e300]),
      made(['x', 'y', 'z']),
      made(['__proto__', 0]),
      made([9e15]),
    ];
    for (const list of [
      'packets',
      'specs',
      'devices',
      'tokens',
      'events',
      'generations',
      'specs/kept-spec/revisions',
    ]) {
      for (const cursor of cursors) {
        const { status } = await get(`/v1/${list}?cursor=${cursor}`);
        expect([200, 400], `${list} ${cursor}: ${status}`).toContain(status);
      }
    }
  });

  it('wrong methods are told which are right', async () => {
    for (const [method, path] of [
      ['DELETE', '/v1/specs'],
      ['POST', '/v1/specs/kept-spec'],
      ['PATCH', '/v1/packets'],
      ['PUT', '/v1/devices/first'],
      ['TRACE', '/v1/specs'],
      ['DELETE', '/v1/devices/first/desired'],
    ] as const) {
      const answer = await raw(
        `${method} ${path} HTTP/1.1\r\n${authorized()}Content-Length: 0\r\n${close}\r\n`,
      );
      expect(statusesOf(answer)[0], `${method} ${path}`).toSatisfy((status: number) =>
        [404, 405].includes(status),
      );
      expect(answer).toContain('"code":');
    }
    expect(await world.state()).toEqual(before);
  });
});

describe('requests that are none', () => {
  const smuggled = () => `DELETE /v1/specs/kept-spec HTTP/1.1\r\n${authorized()}\r\n`;

  it.each<[string, (inner: string) => string]>([
    [
      'two lengths',
      (inner) =>
        `POST /v1/compute HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    ],
    [
      'length and chunks',
      (inner) =>
        `POST /v1/compute HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    ],
    [
      'an unknown coding',
      (inner) =>
        `POST /v1/compute HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`,
    ],
    [
      'a coding in disguise',
      (inner) =>
        `POST /v1/compute HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`,
    ],
    [
      'a length with a sign',
      (inner) => `POST /v1/compute HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n${inner}`,
    ],
    [
      'a negative length',
      (inner) => `POST /v1/compute HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n${inner}`,
    ],
    [
      'a length beyond numbers',
      (inner) =>
        `POST /v1/compute HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n${inner}`,
    ],
    [
      'a bad chunk',
      (inner) =>
        `POST /v1/compute HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${inner}`,
    ],
    [
      'a folded header',
      (inner) => `GET /v1/specs HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n: c\r\n\r\n${inner}`,
    ],
    ['bare line feeds', (inner) => `GET /healthz HTTP/1.1\nHost: x\nX: y\n\n${inner}`],
    ['a NUL in a header', (inner) => `GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n${inner}`],
    ['no host', (inner) => `GET /healthz HTTP/1.1\r\n\r\n${inner}`],
    ['an old version', (inner) => `GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n${inner}`],
    ['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s: refused, the connection ends, and what follows is not run', async (_what, request) => {
    const answer = await raw(request(smuggled()));
    expect(statusesOf(answer).length).toBeLessThanOrEqual(1);
    for (const status of statusesOf(answer)) expect(status).toBeGreaterThanOrEqual(400);
    expect(await world.state()).toEqual(before);
  });

  it('each request of a connection needs its own credentials', async () => {
    const first = `GET /v1/specs HTTP/1.1\r\n${authorized()}\r\n`;
    const second = 'DELETE /v1/specs/kept-spec HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    expect(statusesOf(await raw(first + second))).toEqual([200, 401]);
    expect(await world.state()).toEqual(before);
  });

  it('a head that is too large, in one header or in many, is 431', async () => {
    const large = `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`;
    const many = `GET /healthz HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(20_000)}\r\n`;
    const address = `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (const request of [large, many, address])
      expect(statusesOf(await raw(request))).toEqual([431]);
  });

  it('credentials of every wrong form are 401', async () => {
    for (const value of [
      '',
      'Bearer',
      'Bearer ',
      'bearer x y',
      'Basic',
      'Basic !!!!',
      'Basic Og==',
      'Basic Zmlyc3Q=',
      'Digest x',
      `Bearer ${'x'.repeat(8000)}`,
      `Basic ${Buffer.from('first:').toString('base64')}`,
      `Basic ${Buffer.from('constructor:x').toString('base64')}`,
      `Basic ${Buffer.from('token:x').toString('base64')}`,
      `${' '.repeat(900)}x`,
      `Bearer ${' '.repeat(900)}`,
    ]) {
      const answer = await raw(
        `GET /v1/specs HTTP/1.1\r\nHost: x\r\nAuthorization: ${value}\r\nConnection: close\r\n\r\n`,
      );
      expect(statusesOf(answer), value).toEqual([401]);
    }
  });
});

describe('ranges that no client asks for', () => {
  const content = () => `/v1/packets/${world.packets.wanted}/content`;

  it.each<[string, number]>([
    ['bytes=0-0', 206],
    ['bytes=-1', 206],
    ['bytes=0-999999999999', 206],
    [`bytes=${Array.from({ length: 1000 }, () => '0-').join(',')}`, 200],
    ['bytes=5-2', 200],
    ['bytes=-', 200],
    ['bytes=--1', 200],
    ['bytes=a-b', 200],
    ['bytes=0x0-0x5', 200],
    ['bytes=1e1-', 200],
    ['bytes=99999999999999999999-', 200],
    ['lines=0-5', 200],
    ['bytes=999999999-', 416],
    ['bytes=-0', 416],
  ])('%s is %i', async (range, status) => {
    const answer = await get(content(), { range });
    expect(answer.status).toBe(status);
    const whole = (await (await get(content())).arrayBuffer()).byteLength;
    const { byteLength } = await answer.arrayBuffer();
    if (status === 200) expect(byteLength).toBe(whole);
    if (status === 206) expect(byteLength).toBeLessThanOrEqual(whole);
  });
});

describe.concurrent('clients that take their time', () => {
  it('a thousand sockets that say nothing, or a byte now and then, hold nobody up and cost little', async () => {
    const sockets: RawHttp[] = [];
    for (let n = 0; n < 1000; n += 1) {
      const http = await openHttp(world.server.http);
      if (n % 2 === 0) http.write('GET /v1/specs HTTP/1.1\r\nHost: x\r\nX-A: ');
      sockets.push(http);
    }
    const drip = setInterval(() => {
      for (const http of sockets) if (!http.closed()) http.write('b');
    }, 1000);
    const begin = performance.now();
    expect(await alive()).toBe(200);
    expect((await get('/v1/specs')).status).toBe(200);
    expect(performance.now() - begin).toBeLessThan(2000);
    // a head has 20 s, however it drips; the server looks every now and then
    await expect
      .poll(() => sockets.every((http) => http.closed()), { timeout: 70_000, interval: 500 })
      .toBe(true);
    clearInterval(drip);
    expect(sockets.filter((http) => statusesOf(http.received())[0] === 200)).toEqual([]);
    expect(peakMemory(world.server)).toBeLessThan(400);
  });

  it('who has no credentials is not waited for: the answer comes before the body, and then the end', async () => {
    const http = await openHttp(world.server.http);
    http.write('POST /v1/packets HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nx');
    await expect.poll(() => statusesOf(http.received())).toEqual([401]);
    const drip = setInterval(() => http.write('x'), 100);
    await http.ended;
    clearInterval(drip);
    expect(await world.state()).toEqual(before);
  });

  it('an upgrade to anything but MQTT is refused, and one that stalls is ended', async () => {
    const upgrade = (path: string, protocol: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${protocol}\r\n`;
    expect(statusesOf(await raw(upgrade('/v1/specs', 'Sec-WebSocket-Protocol: mqtt\r\n')))).toEqual(
      [404],
    );
    expect(statusesOf(await raw(upgrade('/mqtt', 'Sec-WebSocket-Protocol: soap\r\n')))).toEqual([
      400,
    ]);
    const stalled = await openHttp(world.server.http);
    stalled.write(upgrade('/mqtt', 'Sec-WebSocket-Protocol: mqtt\r\n'));
    await expect.poll(() => statusesOf(stalled.received())).toEqual([101]);
    await stalled.ended;
    expect(await alive()).toBe(200);
  });
});
