import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { PacketView } from '../proto/api.ts';
import { JamesError } from '../proto/errors.ts';
import type { Client } from './client.ts';
import type { Context } from './command.ts';
import { backoff } from './http.ts';
import { createStallWatch, type StallWatch } from './stall-watch.ts';
import { progressText } from './upload.ts';

const MOST_ATTEMPTS = 6;
const STALL_MS = 60_000;

type Surroundings = Pick<Context, 'clock' | 'random' | 'signal' | 'progress'>;

/**
 * Downloads a packet to `file`, which appears only when it is complete and has the right digest. What an earlier attempt
 * left beside it is taken up again. Throws `digest-mismatch`, `download-failed` and what the server refuses.
 */
export async function downloadPacket(
  packet: PacketView,
  file: string,
  client: Client,
  context: Surroundings,
): Promise<void> {
  const part = `${file}.${packet.id.slice('sha256:'.length, 'sha256:'.length + 12)}.part`;
  for (let attempt = 1; ; attempt += 1) {
    const from = await sizeOf(part);
    try {
      const digest = await fetchRest(packet, part, from, client, context);
      if (digest === packet.id) break;
      await rm(part, { force: true });
      if (from === 0)
        throw new JamesError(
          'digest-mismatch',
          `What the server sent for ${packet.id} is something else (${digest}); its store may be damaged.`,
        );
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isBroken(error) || context.signal.aborted) throw error;
    }
    await context.clock.sleep(backoff(attempt, context.random), context.signal);
  }
  await rename(part, file);
}

/** The content of a packet as it streams in, with nothing kept. */
export async function* packetContent(id: string, client: Client): AsyncGenerator<Uint8Array> {
  const response = await client.http.send({ path: contentPath(id), headers: { accept: '*/*' } });
  for await (const chunk of response.body ?? []) yield chunk as Uint8Array;
}

const contentPath = (id: string): string => `/v1/packets/${encodeURIComponent(id)}/content`;

async function fetchRest(
  packet: PacketView,
  part: string,
  from: number,
  client: Client,
  context: Surroundings,
): Promise<string> {
  const hash = createHash('sha256');
  if (from > 0 && from >= packet.size) return await digestOf(part, hash);
  const stall = createStallWatch(context.clock);
  try {
    const response = await client.http.send({
      path: contentPath(packet.id),
      headers: { accept: '*/*', ...(from > 0 && { range: `bytes=${from}-` }) },
      signal: stall.signal,
    });
    const resumed = response.status === 206;
    if (resumed) await feed(part, hash);
    await append(part, resumed ? from : 0, hash, watched(response, stall), packet, context);
  } catch (cause) {
    throw cause instanceof JamesError ? cause : broken(packet, cause);
  } finally {
    stall.end();
    context.progress(null);
  }
  return `sha256:${hash.digest('hex')}`;
}

async function* watched(response: Response, stall: StallWatch): AsyncGenerator<Uint8Array> {
  for await (const chunk of response.body ?? []) {
    stall.moved(STALL_MS);
    yield chunk as Uint8Array;
  }
}

async function append(
  part: string,
  from: number,
  hash: Hash,
  content: AsyncIterable<Uint8Array>,
  packet: PacketView,
  context: Surroundings,
): Promise<void> {
  const target = await open(part, from > 0 ? 'a' : 'w');
  let done = from;
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await target.writeFile(chunk);
      done += chunk.length;
      context.progress(progressText(packet.name, done, packet.size));
    }
    if (done < packet.size) throw new Error('the connection ended early');
    await target.sync();
  } finally {
    await target.close();
  }
}

async function feed(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
}

async function digestOf(path: string, hash: Hash): Promise<string> {
  await feed(path, hash);
  return `sha256:${hash.digest('hex')}`;
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function broken(packet: PacketView, cause: unknown): JamesError {
  return new JamesError(
    'download-failed',
    `The download of ${packet.id} broke off (${(cause as Error).message}). Say it again to go on where it stopped.`,
    { cause },
  );
}

function isBroken(error: unknown): boolean {
  return (
    error instanceof JamesError &&
    ['server-unreachable', 'unavailable', 'download-failed'].includes(error.code)
  );
}
