import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { PacketView, Page } from '../../../proto/api.ts';
import { packetRoutes } from '../../../server/http/routes/packets.ts';
import { packetBytes } from '../../support/packet-bytes.ts';
import { asDevice, asOperator, testApp } from '../../support/test-app.ts';
import { once, testPackets } from '../../support/test-packets.ts';
import { until } from '../../support/until.ts';

const hello = (version: string, text = 'hello') =>
  packetBytes({ name: 'hello', labels: { version, arch: 'amd64' }, files: { 'etc/hello': text } });

async function served(options: Parameters<typeof testPackets>[0] = {}) {
  const parts = await testPackets(options);
  const routes = packetRoutes({
    ...parts,
    maxPacketBytes: options.maxPacketBytes ?? 50_000_000,
    deviceMayRead: (device) => device === 'a',
  });
  const app = testApp([routes]);
  const upload = (payload: Buffer, headers = {}) =>
    app.inject({
      method: 'POST',
      url: '/v1/packets',
      headers: { ...asOperator, ...headers },
      payload,
    });
  return { app, upload, ...parts };
}

describe('POST packets', () => {
  it('answers 201, then 200 for the same bytes, 409 for others, whatever the media type', async () => {
    const { upload } = await served();
    const bytes = await hello('1');
    const first = await upload(bytes, { 'content-type': 'application/json' });
    expect(first.statusCode).toBe(201);
    expect(first.headers.location).toBe(`/v1/packets/${first.json().id}`);
    expect(first.json()).toMatchObject({ name: 'hello', labels: { version: '1', arch: 'amd64' } });
    expect((await upload(bytes)).statusCode).toBe(200);
    const other = await upload(await hello('1', 'other'), { 'content-type': 'text/x;charset=y' });
    expect(other.json()).toMatchObject({ status: 409, code: 'packet-exists', id: first.json().id });
  });

  it.each([
    ['an unknown key', 'name: x\nlabls: {}\n', 'unknown-key'],
    ['a reboot of no kind', 'name: x\nreboot: true\n', 'bad-document'],
    ['a name that leaves the root', 'name: ../x\n', 'bad-document'],
    ['a key twice', 'name: x\nname: y\n', 'duplicate-key'],
    ['a label that is far too long', `name: x\nlabels: {a: ${'v'.repeat(200_000)}}\n`, undefined],
  ])('a control file with %s is 400', async (_what, control, code) => {
    const { upload, library } = await served();
    const answer = await upload(tarball(control));
    expect(answer.statusCode).toBe(400);
    if (code) expect(answer.json().code).toBe(code);
    expect(answer.body.length).toBeLessThan(2000);
    expect([...library.all()]).toEqual([]);
  });

  it('is for operators', async () => {
    const { app } = await served();
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/packets',
      headers: asDevice('a'),
      payload: 'x',
    });
    expect(answer.statusCode).toBe(403);
  });

  it('refuses an announced length over the limit before a byte of it', async () => {
    const { app, directory } = await served({ maxPacketBytes: 1000 });
    const { text } = await exchange(app, (socket) => socket.write(head(5_000_000_000)));
    expect(text).toContain('HTTP/1.1 413 ');
    expect(text).toContain('"code":"too-large"');
    expect(readdirSync(join(directory, 'unfinished'))).toEqual([]);
  });

  it('keeps nothing of an upload whose connection breaks', async () => {
    const { app, blobs, library, directory } = await served();
    const unfinished = () => readdirSync(join(directory, 'unfinished')).length;
    await exchange(app, (socket) => {
      socket.write(head(100_000));
      socket.write(Buffer.alloc(50_000));
      void until('the upload began', () => unfinished() === 1).then(() => socket.destroy());
    });
    await until('the unfinished file is gone', () => unfinished() === 0);
    expect([...library.all()]).toEqual([]);
    for await (const blob of blobs.list()) throw new Error(`kept ${blob.id}`);
  });

  it('answers 507 below the limit of free space, and serves on', async () => {
    const { app, upload } = await served({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    const answer = await upload(await hello('1'));
    expect(answer.json()).toMatchObject({ status: 507, code: 'no-space' });
    expect((await app.inject({ url: '/v1/packets', headers: asOperator })).statusCode).toBe(200);
  });
});

describe('GET packets', () => {
  it('pages and filters', async () => {
    const { app, library } = await served();
    for (const version of ['1', '2', '3']) await library.upload(once(await hello(version)), 't');
    await library.upload(once(await packetBytes({ name: 'abc', labels: {} })), 't');
    const get = async (query: string) => {
      const answer = await app.inject({ url: `/v1/packets?${query}`, headers: asOperator });
      return answer.json<Page<PacketView>>();
    };
    const versions = (page: Page<PacketView>) =>
      page.items.map((item) => item.labels.version ?? item.name);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: Page<PacketView> = await get(`limit=1${next && `&cursor=${next}`}`);
      seen.push(...versions(page));
      next = page.next;
    }
    expect(seen).toEqual(['abc', '1', '2', '3']);
    expect(versions(await get('name=hello&labels=version%3D2'))).toEqual(['2']);
    expect(versions(await get('selector=version!%3D2,arch'))).toEqual(['1', '3']);
    expect(await get('labels=a%3Db%3Dc')).toMatchObject({ code: 'bad-labels' });
    expect(await get('cursor=zzz')).toMatchObject({ code: 'bad-request' });
  });

  it('shows and deletes one', async () => {
    const { app, library } = await served();
    const { packet } = await library.upload(once(await hello('1')), 't');
    const url = `/v1/packets/${packet.id}`;
    const shown = await app.inject({ url, headers: asOperator });
    expect(shown.json()).toEqual({ ...packet, url: `${url}/content` });
    expect((await app.inject({ method: 'DELETE', url, headers: asOperator })).statusCode).toBe(204);
    expect((await app.inject({ url, headers: asOperator })).statusCode).toBe(404);
    expect((await app.inject({ url: '/v1/packets/..%2Fx', headers: asOperator })).statusCode).toBe(
      404,
    );
  });
});

describe('GET packets/{id}/content', () => {
  async function content() {
    const { app, library } = await served();
    const bytes = await hello('1');
    const { packet } = await library.upload(once(bytes), 't');
    const url = `/v1/packets/${packet.id}/content`;
    const get = (headers: object = {}, method: 'GET' | 'HEAD' = 'GET') =>
      app.inject({ method, url, headers: { ...asOperator, ...headers } });
    return { app, bytes, get, url, tag: `"${packet.id}"` };
  }

  it('gives the bytes to an operator and to a device that shall have them', async () => {
    const { app, bytes, get, url, tag } = await content();
    const answer = await get();
    expect(answer.rawPayload.equals(bytes)).toBe(true);
    expect(answer.headers).toMatchObject({
      etag: tag,
      'content-length': String(bytes.length),
      'cache-control': 'private, max-age=31536000, immutable',
      'accept-ranges': 'bytes',
    });
    expect((await app.inject({ url, headers: asDevice('a') })).rawPayload.equals(bytes)).toBe(true);
    expect((await app.inject({ url, headers: asDevice('b') })).statusCode).toBe(403);
    const head = await get({}, 'HEAD');
    expect([head.headers['content-length'], head.body]).toEqual([String(bytes.length), '']);
  });

  it('gives ranges, and says when they lie outside', async () => {
    const { bytes, get, tag } = await content();
    const size = bytes.length;
    for (const [range, start, end] of [
      ['bytes=0-9', 0, 10],
      ['bytes=10-', 10, size],
      ['bytes=-7', size - 7, size],
      ['bytes=5-999999999', 5, size],
    ] as const) {
      const answer = await get({ range, 'if-range': tag });
      expect(answer.statusCode).toBe(206);
      expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
      expect(answer.rawPayload.equals(bytes.subarray(start, end))).toBe(true);
    }
    for (const range of [`bytes=${size}-`, 'bytes=-0']) {
      const answer = await get({ range });
      expect(answer.statusCode).toBe(416);
      expect(answer.headers['content-range']).toBe(`bytes */${size}`);
      expect(answer.json().code).toBe('range-not-satisfiable');
    }
    for (const headers of [
      { range: 'bytes=9-2' },
      { range: 'bytes=0-1,5-6' },
      { range: 'lines=1-2' },
      { range: 'bytes=0-9', 'if-range': '"other"' },
    ]) {
      expect((await get(headers)).statusCode).toBe(200);
    }
  });

  it('sends large content over real connections, and forgets clients that go away', async () => {
    const { app, library, blobs } = await served();
    const random = randomBytes(3_000_000).toString('hex');
    const bytes = await packetBytes({ name: 'big', files: { 'data/big': random } });
    const { packet } = await library.upload(once(bytes), 't');
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const get = () => fetch(`${url}/v1/packets/${packet.id}/content`, { headers: asOperator });
    const answers = await Promise.all(Array.from({ length: 10 }, get));
    for (const answer of answers.slice(5)) await answer.body?.cancel();
    const bodies = await Promise.all(answers.slice(0, 5).map((answer) => answer.arrayBuffer()));
    for (const body of bodies) expect(Buffer.from(body).equals(bytes)).toBe(true);
    await blobs.delete(packet.id);
    await expect(get().then((answer) => answer.arrayBuffer())).rejects.toThrow();
  });

  it('does not repeat what the client has', async () => {
    const { get, tag } = await content();
    for (const value of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const answer = await get({ 'if-none-match': value });
      expect([answer.statusCode, answer.body]).toEqual([304, '']);
    }
    expect((await get({ 'if-none-match': '"x"' })).statusCode).toBe(200);
  });
});

const head = (length: number) =>
  `POST /v1/packets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer operator\r\nContent-Length: ${length}\r\n\r\n`;

async function exchange(
  app: ReturnType<typeof testApp>,
  act: (socket: Socket) => void,
): Promise<{ text: string }> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => act(socket));
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ text }));
  });
}

/** A packet file with this text as its control file, made without any check. */
function tarball(control: string): Buffer {
  const body = Buffer.from(control);
  const header = Buffer.alloc(512);
  header.write('control.yaml', 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  return gzipSync(Buffer.concat([header, body, padding, Buffer.alloc(1024)]));
}
