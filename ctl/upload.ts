import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { PacketView } from '../proto/api.ts';
import { JamesError } from '../proto/errors.ts';
import type { Client } from './client.ts';
import type { Context } from './command.ts';
import { formatBytes } from './core/duration.ts';
import { backoff } from './http.ts';
import { createStallWatch } from './stall-watch.ts';

const MOST_ATTEMPTS = 6;
/** Nothing left this machine for so long: the connection is dead. */
const STALL_MS = 60_000;
/** How long the server may take for the whole of it after the last byte. */
const ANSWER_MS = 300_000;

export interface Uploaded {
  packet: PacketView;
  /** False: the server had these bytes already. */
  fresh: boolean;
}

type Surroundings = Pick<Context, 'clock' | 'random' | 'signal' | 'progress' | 'warn'>;

/**
 * Uploads a packet file. What the server has already is not sent again; a broken connection is tried again from the
 * start, which is safe as the same bytes are the same packet. Throws what the server refuses.
 */
export async function uploadPacketFile(
  path: string,
  shown: string,
  client: Client,
  context: Surroundings,
): Promise<Uploaded> {
  const { size } = await stat(path);
  const id = await digestOfFile(path);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const there = await packetIfThere(client, id);
      if (there) return { packet: there, fresh: attempt > 1 };
      return { packet: await send(path, shown, size, client, context), fresh: true };
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isBroken(error) || context.signal.aborted) throw error;
      context.progress(
        `${shown}: the connection broke, trying again (${attempt + 1} of ${MOST_ATTEMPTS})`,
      );
    }
    await context.clock.sleep(backoff(attempt + 1, context.random), context.signal);
  }
}

/** `sha256:` and the digest of a file. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}

async function packetIfThere(client: Client, id: string): Promise<PacketView | null> {
  return await client.packet(id).catch((error: unknown) => {
    if (error instanceof JamesError && error.code === 'not-found') return null;
    throw error;
  });
}

async function send(
  path: string,
  shown: string,
  size: number,
  client: Client,
  context: Surroundings,
): Promise<PacketView> {
  const stall = createStallWatch(context.clock);
  stall.moved(STALL_MS);
  const moved = (done: number): void => {
    stall.moved(done >= size ? ANSWER_MS : STALL_MS);
    context.progress(progressText(shown, done, size));
  };
  try {
    return await client.http.json<PacketView>({
      method: 'POST',
      path: '/v1/packets',
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
      stream: () => ReadableStream.from(counted(path, moved)),
      signal: stall.signal,
    });
  } finally {
    stall.end();
    context.progress(null);
  }
}

async function* counted(path: string, moved: (done: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    done += (chunk as Uint8Array).length;
    moved(done);
    yield chunk as Uint8Array;
  }
}

const BAR = 30;

/** `logger.jpk [=====>    ] 52 %  1.2 MiB of 2.3 MiB`. */
export function progressText(name: string, done: number, total: number): string {
  const part = total === 0 ? 1 : Math.min(done / total, 1);
  const full = Math.round(part * BAR);
  const bar = `${'='.repeat(full)}${full < BAR ? '>' : ''}`.slice(0, BAR).padEnd(BAR);
  return `${name} [${bar}] ${Math.floor(part * 100)} %  ${formatBytes(done)} of ${formatBytes(total)}`;
}

function isBroken(error: unknown): boolean {
  return (
    error instanceof JamesError &&
    ['server-unreachable', 'unavailable', 'rate-limited'].includes(error.code)
  );
}
