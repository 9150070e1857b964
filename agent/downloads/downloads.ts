import type { Clock, Random } from '../../proto/clock.ts';
import type { WantedPacket } from '../../proto/desired.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { type BackoffPolicy, backoffDelay } from '../core/backoff.ts';
import type { Files } from '../system/files.ts';
import type { Downloads } from '../transaction.ts';
import type { HttpClient } from '../transports/http-client.ts';
import { type Attempt, attemptDownload } from './attempt.ts';
import { contentPaths, hashOf, hexOf, isContent, noSpace, openPartial } from './partial-file.ts';
import { createSlots } from './slots.ts';

export interface DownloadsDeps {
  http: HttpClient;
  files: Files;
  /** Where content is kept: `<hex>.jpk` when complete, `<hex>.part` before. */
  directory: string;
  clock: Clock;
  random: Random;
  log: Log;
  backoff?: BackoffPolicy;
  /** So many tries in a row without a byte, then it has failed. */
  tries?: number;
  /** Time in ms without a byte after which a try has failed. */
  timeoutMs?: number;
}

const AT_ONCE = 2;
/** Free space that a download leaves to the others. */
const RESERVE_BYTES = 1024 * 1024;
/** So many times its size may be received for one packet before it has failed. */
const BUDGET_FACTOR = 3;

/** Downloads over HTTP with resume. What has arrived is never held in memory. */
export function createDownloads(deps: DownloadsDeps): Downloads {
  const { files, directory } = deps;
  const slots = createSlots(AT_ONCE);
  /** The last fetch of each content that is under way, by its digits; those of one content run one after the other. */
  const underWay = new Map<string, Promise<string>>();

  const fetchOne: Downloads['fetch'] = async (packet, onBytes, signal) => {
    const release = await slots.take(signal);
    try {
      const { complete } = contentPaths(directory, packet.id);
      if (await isComplete(files, complete, packet)) return complete;
      await prepare(deps, packet);
      await download(deps, packet, onBytes, signal);
      return complete;
    } finally {
      release();
    }
  };

  return {
    async fetch(packet, onBytes, signal) {
      const hex = hexOf(packet.id);
      const next = () => fetchOne(packet, onBytes, signal);
      const fetching = underWay.get(hex)?.then(next, next) ?? next();
      underWay.set(hex, fetching);
      try {
        return await fetching;
      } finally {
        if (underWay.get(hex) === fetching) underWay.delete(hex);
      }
    },
    async retain(keep) {
      if (!(await files.lstat(directory))) return;
      const kept = new Set([...keep].map(hexOf));
      for (const name of await files.readDirectory(directory)) {
        const hex = hexOf(name);
        if (!kept.has(hex) && !underWay.has(hex)) await files.unlink(`${directory}/${name}`);
      }
    },
  };
}

/** True if the content is there already; a file of that name with other content is dropped. */
async function isComplete(files: Files, path: string, packet: WantedPacket): Promise<boolean> {
  if (!(await files.lstat(path))) return false;
  const { bytes, hash } = await hashOf(files, path);
  if (isContent({ path, bytes, hash }, packet.id)) return true;
  await files.unlink(path);
  return false;
}

async function prepare({ files, directory }: DownloadsDeps, packet: WantedPacket): Promise<void> {
  if (!(await files.lstat(directory)))
    await files.makeDirectory(directory, 0o700).catch(ignoreExisting);
  const part = await files.lstat(contentPaths(directory, packet.id).part);
  const { bytes } = await files.freeSpace(directory);
  if (bytes < packet.size - (part?.size ?? 0) + RESERVE_BYTES) throw noSpace();
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** Tries until the content is complete, verified and durable under its final name. */
async function download(
  deps: DownloadsDeps,
  packet: WantedPacket,
  onBytes: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { files, clock, random, directory } = deps;
  const paths = contentPaths(directory, packet.id);
  const attempt: Attempt = {
    packet,
    file: await openPartial(files, paths.part, packet.size),
    etag: null,
    budget: packet.size * BUDGET_FACTOR + RESERVE_BYTES,
    onBytes,
    signal,
  };
  for (let failures = 0; attempt.file.bytes < packet.size; ) {
    const before = attempt.budget;
    const trouble = await attemptDownload(deps, attempt);
    if (trouble === null) break;
    failures = attempt.budget < before ? 1 : failures + 1;
    if (failures >= (deps.tries ?? 6)) throw trouble.error;
    deps.log.info(
      { packet: packet.id, err: trouble.error.message },
      'The download is tried again.',
    );
    const policy = deps.backoff ?? { baseMs: 500, capMs: 30_000 };
    await clock.sleep(trouble.waitMs ?? backoffDelay(policy, failures, random), signal);
  }
  await complete(deps, attempt);
}

async function complete({ files, directory }: DownloadsDeps, attempt: Attempt): Promise<void> {
  const { packet, file } = attempt;
  if (packet.size === 0 && !(await files.lstat(file.path)))
    await files.writeNew(file.path, new Uint8Array(), { mode: 0o600, sync: true });
  if (!isContent(file, packet.id)) {
    await files.unlink(file.path);
    throw new JamesError(
      'digest-mismatch',
      `What was downloaded as ${packet.name} is not ${packet.id}; it was dropped. Upload the packet again.`,
    );
  }
  await files.syncFile(file.path);
  await files.rename(file.path, contentPaths(directory, packet.id).complete);
  await files.syncDirectory(directory);
}
