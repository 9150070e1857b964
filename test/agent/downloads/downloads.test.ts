import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDownloads } from '../../../agent/downloads/downloads.ts';
import { createClock } from '../../../agent/system/clock.ts';
import type { Files } from '../../../agent/system/files.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { createHttpClient } from '../../../agent/transports/http-client.ts';
import type { WantedPacket } from '../../../proto/desired.ts';
import { silentLog } from '../../../proto/log.ts';
import { switchable } from '../../support/switchable-server.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const clock = createClock();
const never = new AbortController().signal;
const authorization = 'Basic secret';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const packetOf = (content: Uint8Array, more: Partial<WantedPacket> = {}): WantedPacket => ({
  name: 'logger',
  id: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  labels: {},
  size: content.length,
  url: '/content',
  reason: { spec: 's', revision: 1 },
  ...more,
});

/** Content as the server serves it: with Range and an entity tag. */
function serve(content: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const etag = '"content"';
  if (start === 0) {
    response.writeHead(200, { etag, 'content-length': content.length });
  } else {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, {
      etag,
      'content-range': range,
      'content-length': content.length - start,
    });
  }
  response.end(content.subarray(start));
}

async function begin(answer: Answer, more: { files?: Files; tries?: number } = {}) {
  const requests: IncomingMessage[] = [];
  let current = answer;
  const server = await switchable(() =>
    createServer((request, response) => {
      requests.push(request);
      current(request, response);
    }),
  );
  const http = createHttpClient({
    server: new URL(`http://127.0.0.1:${server.port}`),
    authorization: () => authorization,
    clock,
  });
  const directory = join(temporaryDirectory(), 'downloads');
  const create = () =>
    createDownloads({
      http,
      files: more.files ?? createNodeFiles(),
      directory,
      clock,
      random: () => 0.5,
      log: silentLog,
      backoff: { baseMs: 10, capMs: 20 },
      tries: more.tries ?? 3,
      timeoutMs: 500,
    });
  onTestFinished(async () => {
    http.stop();
    await server.down();
  });
  return {
    server,
    requests,
    directory,
    create,
    downloads: create(),
    answer(next: Answer) {
      current = next;
    },
  };
}

const ignore = (): void => {};
const content = randomBytes(300_000);
const part = (directory: string, packet: WantedPacket): string =>
  join(directory, `${packet.id.slice(7)}.part`);

describe('downloads', () => {
  it('bring the content, tell how far they are, and do not fetch it again', async () => {
    const { downloads, requests } = await begin((request, response) =>
      serve(content, request, response),
    );
    const seen: number[] = [];
    const packet = packetOf(content);
    const path = await downloads.fetch(packet, (done) => seen.push(done), never);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(seen.at(-1)).toBe(content.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(requests[0]?.headers.authorization).toBe(authorization);
    expect(await downloads.fetch(packet, ignore, never)).toBe(path);
    expect(requests).toHaveLength(1);
  });

  it('resume after a cut with the range that is missing, if it is still the same content', async () => {
    const { downloads, requests } = await begin((request, response) => {
      if (requests.length > 1) return serve(content, request, response);
      response.writeHead(200, { etag: '"content"', 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => response.destroy());
    });
    const path = await downloads.fetch(packetOf(content), ignore, never);
    expect(readFileSync(path).equals(content)).toBe(true);
    const start = Number(/^bytes=(\d+)-$/.exec(requests[1]?.headers.range ?? '')?.[1]);
    expect(start).toBeGreaterThan(0);
    expect(requests[1]?.headers['if-range']).toBe('"content"');
  });

  it('resume what an earlier process left', async () => {
    const { directory, create, requests } = await begin((request, response) =>
      serve(content, request, response),
    );
    const packet = packetOf(content);
    mkdirSync(directory);
    writeFileSync(part(directory, packet), content.subarray(0, 123_456));
    const path = await create().fetch(packet, ignore, never);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=123456-']);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('what was left corrupt is dropped with an error, and fetched anew the next time', async () => {
    const { directory, downloads } = await begin((request, response) =>
      serve(content, request, response),
    );
    const packet = packetOf(content);
    mkdirSync(directory);
    writeFileSync(part(directory, packet), randomBytes(1000));
    await expect(downloads.fetch(packet, ignore, never)).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    expect(readdirSync(directory)).toEqual([]);
    const path = await downloads.fetch(packet, ignore, never);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('corrupt content is never placed', async () => {
    const other = randomBytes(content.length);
    const { directory, downloads } = await begin((request, response) =>
      serve(other, request, response),
    );
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('complete content that was damaged on disk is fetched again', async () => {
    const { downloads } = await begin((request, response) => serve(content, request, response));
    const path = await downloads.fetch(packetOf(content), ignore, never);
    writeFileSync(path, randomBytes(content.length));
    await downloads.fetch(packetOf(content), ignore, never);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it.each([
    ['says another length', (response: ServerResponse) => response.end(Buffer.alloc(10))],
    [
      'sends more than there should be',
      (response: ServerResponse) => {
        response.write(Buffer.alloc(400_000));
        response.end();
      },
    ],
  ])('stop at once when the server %s', async (_case, send) => {
    const { downloads, requests, directory } = await begin((_request, response) => send(response));
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    expect(requests).toHaveLength(1);
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(content.length);
  });

  it.each([
    [401, 'download-failed'],
    [403, 'download-failed'],
    [404, 'not-found'],
    [410, 'not-found'],
  ])('stop at once at %d', async (status, code) => {
    const { downloads, requests } = await begin((_request, response) =>
      response.writeHead(status).end(),
    );
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({ code });
    expect(requests).toHaveLength(1);
  });

  it('try again after a failure of the server, as late as it says', async () => {
    const { downloads, requests } = await begin((request, response) => {
      if (requests.length > 1) return serve(content, request, response);
      response.writeHead(503, { 'retry-after': '1' }).end();
    });
    const from = performance.now();
    await downloads.fetch(packetOf(content), ignore, never);
    expect(performance.now() - from).toBeGreaterThan(900);
  });

  it('fail after some tries in vain, and go on where they were later', async () => {
    const { server, downloads, directory, answer } = await begin((_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 50_000), () => response.destroy());
    });
    answer((request, response) => {
      answer((_later, cut) => void cut.destroy());
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 50_000));
      setImmediate(() => request.socket.end());
    });
    const packet = packetOf(content);
    await expect(downloads.fetch(packet, ignore, never)).rejects.toMatchObject({
      code: 'download-failed',
    });
    expect(existsSync(part(directory, packet))).toBe(true);
    answer((request, response) => serve(content, request, response));
    await downloads.fetch(packet, ignore, never);
    await server.down();
  });

  it('do not receive for ever what is thrown away each time', async () => {
    const { downloads, requests } = await begin(
      (_request, response) => {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 290_000), () => response.destroy());
      },
      { tries: 1000 },
    );
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({
      code: 'download-failed',
    });
    expect(requests.length).toBeLessThan(10);
  });

  it('an abort keeps what has come', async () => {
    const stop = new AbortController();
    const { downloads, directory } = await begin((_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000));
    });
    const packet = packetOf(content);
    const fetching = downloads.fetch(packet, () => stop.abort(new Error('newer')), stop.signal);
    await expect(fetching).rejects.toThrow('newer');
    expect(statSync(part(directory, packet)).size).toBeGreaterThan(0);
  });

  it('a server that falls silent is left', async () => {
    const { downloads } = await begin(
      (_request, response) => {
        response.writeHead(200, { 'content-length': content.length });
        response.flushHeaders();
      },
      { tries: 1 },
    );
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({
      code: 'download-failed',
    });
  });

  it('follow a redirect to another origin without the credentials', async () => {
    const mirror: IncomingMessage[] = [];
    const elsewhere = await switchable(() =>
      createServer((request, response) => {
        mirror.push(request);
        serve(content, request, response);
      }),
    );
    onTestFinished(elsewhere.down);
    const { downloads, requests } = await begin((_request, response) =>
      response.writeHead(302, { location: `http://localhost:${elsewhere.port}/blob` }).end(),
    );
    await downloads.fetch(packetOf(content), ignore, never);
    expect(requests[0]?.headers.authorization).toBe(authorization);
    expect(mirror[0]?.headers.authorization).toBeUndefined();
    expect(mirror[0]?.url).toBe('/blob');
  });

  it('a redirect that leads in a circle ends', async () => {
    const { downloads, requests } = await begin(
      (_request, response) => response.writeHead(302, { location: '/content' }).end(),
      { tries: 1 },
    );
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({
      code: 'download-failed',
    });
    expect(requests).toHaveLength(6);
  });

  it('begin nothing without free space, and say so', async () => {
    const files: Files = {
      ...createNodeFiles(),
      freeSpace: async () => ({ bytes: 1000, inodes: 1 }),
    };
    const { downloads, requests } = await begin(() => {}, { files });
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({
      code: 'no-space',
    });
    expect(requests).toEqual([]);
  });

  it('a disk that fills up meanwhile is no space', async () => {
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const node = createNodeFiles();
    const files: Files = {
      ...node,
      appendStream: async (path, pieces) => {
        for await (const piece of pieces) {
          await node.append(path, piece.subarray(0, 10));
          throw full;
        }
        return 0;
      },
    };
    const { downloads } = await begin((request, response) => serve(content, request, response), {
      files,
    });
    await expect(downloads.fetch(packetOf(content), ignore, never)).rejects.toMatchObject({
      code: 'no-space',
    });
  });

  it('two at a time, the same packet once', async () => {
    let now = 0;
    let most = 0;
    const contents = [1, 2, 3, 4].map((byte) => Buffer.alloc(1000, byte));
    const { downloads, requests } = await begin((request, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        serve(contents[Number(request.url?.slice(1))] ?? Buffer.alloc(0), request, response);
      }, 20);
    });
    const fetches = [0, 1, 2, 3, 0].map((index) =>
      downloads.fetch(packetOf(contents[index] as Buffer, { url: `/${index}` }), ignore, never),
    );
    const paths = await Promise.all(fetches);
    expect(paths.map((path) => readFileSync(path)[0])).toEqual([1, 2, 3, 4, 1]);
    expect(most).toBe(2);
    expect(requests).toHaveLength(4);
  });

  it('an empty content is a content', async () => {
    const { downloads } = await begin((request, response) =>
      serve(Buffer.alloc(0), request, response),
    );
    const path = await downloads.fetch(packetOf(Buffer.alloc(0)), ignore, never);
    expect(statSync(path).size).toBe(0);
  });

  it('retain drops what nobody wants', async () => {
    const { downloads, directory } = await begin((request, response) =>
      serve(content, request, response),
    );
    await downloads.retain(new Set());
    const packet = packetOf(content);
    const path = await downloads.fetch(packet, ignore, never);
    writeFileSync(join(directory, `${'0'.repeat(64)}.part`), 'x');
    await downloads.retain(new Set([packet.id]));
    expect(readdirSync(directory).map((name) => join(directory, name))).toEqual([path]);
    await downloads.retain(new Set());
    expect(readdirSync(directory)).toEqual([]);
  });
});
