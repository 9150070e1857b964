import type { Clock, Random } from '../../proto/clock.ts';
import type { WantedPacket } from '../../proto/desired.ts';
import type { DownloadPolicy } from '../../proto/device-policy.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { type BackoffPolicy, backoffDelay } from '../core/backoff.ts';
import { rateAt } from '../core/rate-at.ts';
import type { Files } from '../system/files.ts';
import type { Downloads } from '../transaction.ts';
import type { HttpClient } from '../transports/http-client.ts';
import { type Attempt, attemptDownload } from './attempt.ts';
import {
  contentPaths,
  emptyPartial,
  hashOf,
  hexOf,
  isContent,
  noSpace,
  openPartial,
} from './partial-file.ts';
import { createSlots } from './slots.ts';
import { nextSource, type Source, sourcesOf } from './sources.ts';
import { createThrottle, type Throttle } from './throttle.ts';

export interface DownloadsDeps {
  http: HttpClient;
  files: Files;
  /** Where content is kept: `<hex>.jpk` when complete, `<hex>.part` before. */
  directory: string;
  clock: Clock;
  random: Random;
  log: Log;
  /** The name of the device's time zone, now. */
  zone?(): Promise<string>;
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
  /** Of the download that was asked for last, for all that are under way. */
  let current: { rate: DownloadPolicy['rate']; zone: string } = { rate: undefined, zone: 'UTC' };
  const rate = () => rateAt(current.rate, deps.clock.now(), current.zone).bytesPerSecond;
  const throttle = createThrottle({ clock: deps.clock, rate });
  /** The last fetch of each content that is under way, by its digits; those of one content run one after the other. */
  const underWay = new Map<string, Promise<string>>();

  const fetchOne: Downloads['fetch'] = async (packet, onBytes, signal, policy = {}) => {
    const release = await slots.take(signal);
    try {
      current = { rate: policy.rate, zone: (await deps.zone?.()) ?? 'UTC' };
      const { complete } = contentPaths(directory, packet.id);
      if (await isComplete(files, complete, packet)) return complete;
      await prepare(deps, packet);
      await download({ ...deps, throttle }, packet, policy, onBytes, signal);
      return complete;
    } finally {
      release();
    }
  };

  return {
    async fetch(packet, onBytes, signal, policy) {
      const hex = hexOf(packet.id);
      const next = () => fetchOne(packet, onBytes, signal, policy);
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
  deps: DownloadsDeps & { throttle: Throttle },
  packet: WantedPacket,
  { mirrors = [], budget = BUDGET_FACTOR }: DownloadPolicy,
  onBytes: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { files, directory } = deps;
  const file = await openPartial(files, contentPaths(directory, packet.id).part, packet.size);
  const received = { budget: packet.size * budget + RESERVE_BYTES };
  const attempt: Attempt = { packet, file, ...received, onBytes, signal };
  const sources = sourcesOf(packet, mirrors);
  do await fill(deps, attempt, sources);
  while (!(await isRight(deps, attempt, sources)));
  await files.syncFile(file.path);
  await files.rename(file.path, contentPaths(directory, packet.id).complete);
  await files.syncDirectory(directory);
}

/** Asks one source after the other until all bytes are there. A refusal is final for its source only. */
async function fill(
  deps: DownloadsDeps & { throttle: Throttle },
  attempt: Attempt,
  sources: readonly Source[],
): Promise<void> {
  const { clock, random, log } = deps;
  let last: Source | null = null;
  for (let failures = 0; attempt.file.bytes < attempt.packet.size; ) {
    const next = nextSource(sources, last);
    if (next === null) throw sources[0]?.dead ?? noSource(attempt);
    const { source } = next;
    const before = attempt.budget;
    const trouble = await attemptDownload(deps, attempt, source);
    if (trouble === null) return;
    last = source;
    if (trouble.final) source.dead = trouble.error;
    else failures = attempt.budget < before ? 1 : failures + 1;
    const alive = sources.filter(({ dead }) => dead === null).length;
    if (alive === 0) continue;
    if (failures >= (deps.tries ?? 6) * alive) throw trouble.error;
    log.info(
      { packet: attempt.packet.id, err: trouble.error.message },
      'Trying to download again.',
    );
    if (!trouble.final && nextSource(sources, last)?.round !== false) {
      const policy = deps.backoff ?? { baseMs: 500, capMs: 30_000 };
      await clock.sleep(trouble.waitMs ?? backoffDelay(policy, failures, random), attempt.signal);
    }
  }
}

const noSource = ({ packet }: Attempt): JamesError =>
  new JamesError('download-failed', `There is no source of ${packet.name}.`);

/** Whether it is what was wanted; else it is dropped, and what a mirror sent is not taken of it again. */
async function isRight(
  { files }: DownloadsDeps,
  { packet, file }: Attempt,
  sources: readonly Source[],
): Promise<boolean> {
  if (packet.size === 0 && !(await files.lstat(file.path)))
    await files.writeNew(file.path, new Uint8Array(), { mode: 0o600, sync: true });
  if (isContent(file, packet.id)) return true;
  await emptyPartial(files, file);
  const wrong = new JamesError(
    'digest-mismatch',
    `What was downloaded as ${packet.name} is not ${packet.id}; it was dropped. Upload the packet again.`,
  );
  const mirrors = sources.filter(({ used, isServer }) => used && !isServer);
  for (const mirror of mirrors) mirror.dead = wrong;
  for (const source of sources) source.used = false;
  if (mirrors.length === 0) throw wrong;
  return false;
}
