import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createDownloads } from '../../../agent/downloads/downloads.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { createHttpClient } from '../../../agent/transports/http-client.ts';
import type { WantedPacket } from '../../../proto/desired.ts';
import { silentLog } from '../../../proto/log.ts';
import { switchable } from '../../support/switchable-server.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const content = randomBytes(300_000);
const hex = createHash('sha256').update(content).digest('hex');
const packet: WantedPacket = {
  name: 'logger',
  id: `sha256:${hex}`,
  labels: {},
  size: content.length,
  url: '/content',
  reason: { spec: 's', revision: 1 },
};
const never = new AbortController().signal;
const ignore = (): void => undefined;

/** All of it, or the rest that is asked for, changed as `change` says, in the end cut off. */
const serve =
  ({ bytes = content, cutAt = Number.POSITIVE_INFINITY } = {}): Answer =>
  (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'content-length': bytes.length - start };
    const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(start === 0 ? 200 : 206, start === 0 ? headers : { ...headers, ...range });
    const rest = bytes.subarray(start, Math.min(bytes.length, cutAt));
    response.write(rest, () => (cutAt < bytes.length ? response.destroy() : response.end()));
  };
const refuse =
  (status: number): Answer =>
  (_request, response) => {
    response.writeHead(status).end();
  };

/** A server and two mirrors, each with its own answer, and who was asked in which order. */
async function begin(...answers: Answer[]) {
  const clock = createClock();
  const asked: string[] = [];
  const peers = await Promise.all(
    answers.map((answer, number) =>
      switchable(() =>
        createServer((request, response) => {
          const who = number === 0 ? 'server' : `mirror ${number}`;
          asked.push(`${who}${request.headers.range ? ` ${request.headers.range}` : ''}`);
          expect(request.headers.authorization).toBe(number === 0 ? 'Basic secret' : undefined);
          answer(request, response);
        }),
      ),
    ),
  );
  const [server, ...others] = peers.map(({ port }) => `http://127.0.0.1:${port}`);
  const http = createHttpClient({
    server: new URL(server ?? ''),
    authorization: () => 'Basic secret',
    clock,
  });
  onTestFinished(async () => {
    http.stop();
    for (const peer of peers) await peer.down();
  });
  const directory = join(temporaryDirectory(), 'downloads');
  const downloads = createDownloads({
    ...{ http, directory, clock, log: silentLog },
    files: createNodeFiles(),
    random: () => 0.5,
    backoff: { baseMs: 5, capMs: 10 },
    tries: 2,
    timeoutMs: 1000,
  });
  const mirrors = others.map((url) => `${url}/packets/{hex}.jpk`);
  return { downloads, mirrors, asked };
}

it('a mirror is asked where the server has nothing, and never gets the credentials', async () => {
  const { downloads, mirrors, asked } = await begin(refuse(404), refuse(503), serve());
  const path = await downloads.fetch(packet, ignore, never, { mirrors });
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(asked).toEqual(['server', 'mirror 1', 'mirror 2']);
});

it('goes on at a mirror where the server broke off', async () => {
  const { downloads, mirrors, asked } = await begin(serve({ cutAt: 100_000 }), serve());
  const path = await downloads.fetch(packet, ignore, never, { mirrors });
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(asked[1]).toMatch(/^mirror 1 bytes=\d+-$/);
});

it('what a mirror sends that is something else is dropped, and that mirror not asked again', async () => {
  const wrong = Buffer.from(content);
  wrong[250_000] = (wrong[250_000] ?? 0) ^ 1;
  const { downloads, mirrors, asked } = await begin(
    serve({ cutAt: 100_000 }),
    serve({ bytes: wrong }),
    serve(),
  );
  const path = await downloads.fetch(packet, ignore, never, { mirrors });
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(asked.filter((who) => who.startsWith('mirror 1'))).toHaveLength(1);
});

it('where all have refused for good it stops at once, with what the server said', async () => {
  const { downloads, mirrors, asked } = await begin(refuse(410), refuse(403), refuse(401));
  await expect(downloads.fetch(packet, ignore, never, { mirrors })).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(asked).toEqual(['server', 'mirror 1', 'mirror 2']);
});

it('takes in no more than its budget, however often it is cut off', async () => {
  let sent = 0;
  const { downloads } = await begin((_request, response) => {
    sent += 200_000;
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 200_000), () => response.destroy());
  });
  await expect(downloads.fetch(packet, ignore, never, { budget: 1 })).rejects.toMatchObject({
    code: 'download-failed',
  });
  expect(sent).toBeLessThan(packet.size + 1024 * 1024 + 400_000);
});

it('is no faster than the policy allows', async () => {
  const { downloads } = await begin(serve());
  const begun = performance.now();
  await downloads.fetch(packet, ignore, never, { rate: '300kB/s' });
  // A second's worth may come at once.
  expect(performance.now() - begun).toBeGreaterThan(400);
});
