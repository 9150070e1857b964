import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeHeader } from '../../proto/archive/tar-header.ts';
import { type CraftedEntry, craftedPacket, putNegative } from '../support/crafted-packet.ts';
import { type HostileWorld, hostileWorld, peakMemory, upload } from '../support/hostile-world.ts';
import { packetBytes } from '../support/packet-bytes.ts';
import { openHttp, statusesOf } from '../support/raw-http.ts';

const GIB = 1024 ** 3;
let world: HostileWorld;
let before: unknown;

beforeAll(async () => {
  world = await hostileWorld();
  before = await world.state();
});
afterAll(() => world?.stop());

/** What the operator is told, and that nothing is different afterwards. */
async function refused(
  answer: Promise<{ status: number; body: unknown }>,
): Promise<[number, unknown]> {
  const { status, body } = await answer;
  expect(body).toMatchObject({ detail: expect.any(String), status });
  expect(await world.state()).toEqual(before);
  return [status, (body as { code: unknown }).code];
}

const header = (name: string, size: number): Buffer =>
  Buffer.from(
    encodeHeader({ name, size, type: '0', mode: 0o644, uid: 0, gid: 0, modified: 0, linkName: '' }),
  );

/** A gzip stream of a head and then `bytes` of one letter: small on the wire, large to whoever unpacks it. */
function inflating(head: Uint8Array, letter: string, bytes: number): ReadableStream<Uint8Array> {
  const piece = Buffer.alloc(1024 * 1024, letter);
  const parts = function* () {
    yield head;
    for (let left = bytes; left > 0; left -= piece.length) yield piece;
  };
  return Readable.toWeb(Readable.from(parts()).pipe(createGzip())) as ReadableStream<Uint8Array>;
}

describe('a packet that is none', () => {
  const file = (name: string, rest: CraftedEntry = {}): CraftedEntry => ({
    name,
    body: 'x',
    ...rest,
  });
  const good = craftedPacket([file('data/a', { body: 'y'.repeat(9000) })]);
  const flipped = Buffer.from(good).fill(0x55, good.length >> 1, (good.length >> 1) + 4);
  const huge = (block: Uint8Array) => block.set([0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], 124);

  it.each<[string, Uint8Array, [number, string]]>([
    ['nothing', new Uint8Array(0), [400, 'bad-packet']],
    ['text', Buffer.from('hello, this is no packet'), [400, 'bad-packet']],
    ['an empty archive', craftedPacket([], null), [400, 'bad-packet']],
    ['a gzip file of something else', gzipSync('hello'), [400, 'bad-packet']],
    ['a truncated packet', good.subarray(0, good.length - 30), [400, 'bad-packet']],
    ['half a packet', good.subarray(0, good.length >> 1), [400, 'bad-packet']],
    ['a damaged packet', flipped, [400, 'bad-packet']],
    [
      'a packet with other bytes behind',
      Buffer.concat([good, Buffer.from('x')]),
      [400, 'bad-packet'],
    ],
    ['an unknown key', craftedPacket([], 'name: a\ncolour: red\n'), [400, 'unknown-key']],
    ['a duplicate key', craftedPacket([], 'name: a\nname: b\n'), [400, 'duplicate-key']],
    ['a hash of its own', craftedPacket([], 'name: a\nhash: "0"\n'), [400, 'unknown-key']],
    ['a name that climbs', craftedPacket([], 'name: ../x\n'), [400, 'bad-document']],
    ['a key that climbs', craftedPacket([], 'name: a\nlabels: {../x: y}\n'), [400, 'unknown-key']],
    [
      'a control character',
      craftedPacket([], 'name: a\nlabels: {x: "\\n"}\n'),
      [400, 'bad-document'],
    ],
    ['a prototype', craftedPacket([], 'name: a\n__proto__: {name: b}\n'), [400, 'unknown-key']],
    ['no UTF-8', craftedPacket([], Buffer.from('name: \xff', 'latin1')), [400, 'bad-packet']],
    ['deep nesting', craftedPacket([], `${'['.repeat(1e5)}${']'.repeat(1e5)}`), [400, 'bad-yaml']],
    [
      'a long label',
      craftedPacket([], `name: a\nlabels: {x: ${'é'.repeat(129)}}\n`),
      [400, 'bad-labels'],
    ],
    ['a path that climbs', craftedPacket([file('data/../../x')]), [400, 'unsafe-path']],
    ['an absolute path', craftedPacket([file('/etc/passwd')]), [400, 'unsafe-path']],
    [
      'a file of 1 TiB, announced',
      craftedPacket([file('data/a', { patch: huge })]),
      [413, 'too-large'],
    ],
    [
      'a size below zero',
      craftedPacket([
        file('x', { type: 'x', patch: (block) => putNegative(block, 124, 12, -512) }),
      ]),
      [400, 'bad-packet'],
    ],
  ])('%s', async (_what, bytes, expected) => {
    expect(await refused(upload(world.server, bytes))).toEqual(expected);
  });

  it('a bomb of 2 GiB, and a label of 1 GiB in a control file, at bounded memory', async () => {
    const control = Buffer.concat([
      header('control.yaml', 8),
      Buffer.from('name: a\n'.padEnd(512, '\0')),
    ]);
    const bomb = Buffer.concat([control, header('data/zeros', 2 * GIB)]);
    expect(await refused(upload(world.server, inflating(bomb, '\0', 2 * GIB)))).toEqual([
      413,
      'too-large',
    ]);
    const label = Buffer.concat([
      header('control.yaml', GIB),
      Buffer.from('name: a\nlabels: {x: '),
    ]);
    expect(await refused(upload(world.server, inflating(label, 'x', GIB)))).toEqual([
      413,
      'too-large',
    ]);
    expect(peakMemory(world.server)).toBeLessThan(400);
  });

  it('the same name and labels with other content; the same bytes are welcome again', async () => {
    const source = { name: 'kept', labels: { version: '1' } };
    const other = await packetBytes({ ...source, files: { 'etc/x': 'other content' } });
    expect(await refused(upload(world.server, other))).toEqual([409, 'packet-exists']);
    const { http, token } = world.server;
    const headers = { authorization: `Bearer ${token}` };
    const same = await fetch(`${http}/v1/packets/${world.packets.wanted}/content`, { headers });
    expect((await upload(world.server, new Uint8Array(await same.arrayBuffer()))).status).toBe(200);
    expect(await world.state()).toEqual(before);
  });

  it('an upload that breaks off leaves nothing', async () => {
    const http = await openHttp(world.server.http);
    http.write(
      `POST /v1/packets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.server.token}\r\nContent-Length: 1000000\r\n\r\n`,
    );
    http.write(good);
    await expect.poll(async () => JSON.stringify(await world.state())).toContain('unfinished/');
    http.socket.destroy();
    await expect.poll(() => world.state()).toEqual(before);
  });
});

describe('a document that is none', () => {
  const put = (body: string | Uint8Array, path = '/v1/specs/new') => send('PUT', path, body);
  const spec = (rest: object): string => JSON.stringify({ id: 'new', target: {}, ...rest });

  async function send(method: string, path: string, body: string | Uint8Array) {
    const { http, token } = world.server;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const bytes = new Uint8Array(Buffer.from(body));
    const answer = await fetch(`${http}${path}`, { method, headers, body: bytes });
    return { status: answer.status, body: await answer.json() };
  }

  it.each<[string, string | Uint8Array, string]>([
    ['a duplicate key', '{"id":"new","target":{"a":"1","a":"2"}}', 'duplicate-key'],
    [
      'a duplicate key in disguise',
      String.raw`{"id":"new","target":{},"\u0069d":"x"}`,
      'duplicate-key',
    ],
    ['invalid UTF-8', Buffer.from('{"id":"new","target":{"a":"\xff"}}', 'latin1'), 'bad-json'],
    ['an overlong slash', Buffer.from('{"id":"\xc0\xaf","target":{}}', 'latin1'), 'bad-json'],
    ['half of it', '{"id":"new"', 'bad-json'],
    ['nothing', '', 'bad-json'],
    ['null', 'null', 'bad-json'],
    ['a list', '[]', 'bad-document'],
    ['an unknown key', spec({ colour: 'red' }), 'unknown-key'],
    ['a key of a later release', spec({ rollout: {} }), 'unsupported'],
    ['no target', '{"id":"new"}', 'bad-document'],
    ['a prototype', '{"id":"new","target":{},"__proto__":{"apps":[]}}', 'unknown-key'],
    ['a prototype as a target', '{"id":"new","target":{"__proto__":"x"}}', 'unknown-key'],
    ['another id than the address', spec({ id: 'kept-spec' }), 'bad-document'],
    ['an id that climbs', spec({ id: '../x' }), 'bad-document'],
    ['an app that climbs', spec({ apps: [{ name: '../x' }] }), 'bad-document'],
    ['a bad range', spec({ apps: [{ name: 'a', version: '>=' }] }), 'bad-version-range'],
    ['deep nesting', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'bad-json'],
    ['deep nesting without an end', '{"a":'.repeat(5e5), 'bad-json'],
    [
      'a label of 300 bytes',
      spec({ apps: [{ name: 'a', labels: { x: 'é'.repeat(150) } }] }),
      'bad-labels',
    ],
    ['a label of 3 MiB', spec({ target: { x: 'x'.repeat(3 * 1024 * 1024) } }), 'bad-document'],
  ])('%s', async (_what, body, code) => {
    expect(await refused(put(body))).toEqual([400, code]);
  });

  it('a label of 1 GiB, announced or streamed, in every place that takes labels', async () => {
    for (const path of [
      'PUT /v1/specs/new',
      'POST /v1/compute',
      'PATCH /v1/devices/first',
      'POST /v1/tokens',
    ]) {
      for (const announced of [true, false]) {
        expect(await streamed(path, announced), path).toContain('"code":"too-large"');
        expect(await world.state()).toEqual(before);
      }
    }
    expect(peakMemory(world.server)).toBeLessThan(400);
  });

  /** Sends up to 1 GiB until the server answers; that is long before. */
  async function streamed(path: string, announced: boolean): Promise<string> {
    const http = await openHttp(world.server.http);
    const length = announced ? `Content-Length: ${GIB}` : 'Transfer-Encoding: chunked';
    http.write(
      `${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.server.token}\r\nContent-Type: application/json\r\n${length}\r\n\r\n`,
    );
    const text = Buffer.alloc(1024 * 1024, 'x');
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), text, Buffer.from('\r\n')]);
    let sent = 0;
    while (http.received() === '' && sent < 1024) {
      sent += 1;
      await new Promise((next) => http.socket.write(announced ? text : chunk, next));
    }
    expect(sent).toBeLessThan(200);
    await expect.poll(() => http.received()).toMatch(/\}$/);
    http.socket.destroy();
    expect(statusesOf(http.received())).toEqual([413]);
    return http.received();
  }

  it.each([
    [
      'POST',
      '/v1/apply',
      '{"documents":[{"id":"ok","target":{}},{"id":"../x","target":{}}]}',
      'bad-document',
    ],
    ['POST', '/v1/apply', '{"documents":[],"prune":true,"extra":1}', 'unknown-key'],
    ['POST', '/v1/compute', '{"labels":{"a":1}}', 'bad-request'],
    ['POST', '/v1/compute', '{"labels":{"../x":"y"}}', 'unknown-key'],
    ['PATCH', '/v1/devices/first', '{"labels":{"__proto__":"x"}}', 'bad-labels'],
    ['PATCH', '/v1/devices/first', '{"labels":{"a\\nb":"x"}}', 'bad-labels'],
    ['POST', '/v1/tokens', '{"kind":"root"}', 'bad-request'],
    ['POST', '/v1/tokens', '{"kind":"operator","labels":{"a":"b"}}', 'bad-request'],
    ['POST', '/v1/tokens', '{"kind":"join","uses":-1}', 'bad-request'],
    ['POST', '/v1/specs/kept-spec/rollback', '{"revision":1.5}', 'bad-request'],
  ])('%s %s %s', async (method, path, body, code) => {
    expect(await refused(send(method, path, body))).toEqual([400, code]);
  });
});
