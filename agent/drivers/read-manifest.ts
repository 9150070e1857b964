import { createHash } from 'node:crypto';
import { readPacket } from '../../proto/archive/read-packet.ts';
import { parseDuration } from '../../proto/duration.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Control, PacketHealth } from '../../proto/packet.ts';
import {
  HEALTH_DEFAULTS,
  MANIFEST_SCHEMA,
  type Manifest,
  type ManifestEntry,
  type PacketHealthTimes,
} from '../core/manifest.ts';
import type { Script } from '../core/script-order.ts';
import type { Files } from '../system/files.ts';

/** A packet file that was read to its end and found to be right. */
export interface ReadPacketFile {
  manifest: Manifest;
  scripts: ReadonlyMap<Script | 'health', Uint8Array>;
  /** The packet file. */
  file: string;
  /** Bytes of all its files. */
  bytes: number;
}

/**
 * Reads a packet file without putting anything anywhere: its manifest with the digest of every file, its scripts, its id.
 * Throws what `readPacket` throws, and `digest-mismatch` if an id was expected and the file has another.
 */
export async function readPacketFile(
  files: Files,
  file: string,
  expectedId: string | null,
): Promise<ReadPacketFile> {
  const hash = createHash('sha256');
  const scripts = new Map<Script | 'health', Uint8Array>();
  const entries: ManifestEntry[] = [];
  let manifest: Omit<Manifest, 'id' | 'scripts' | 'entries'> | null = null;
  for await (const entry of readPacket(hashed(files.readStream(file), hash))) {
    if (entry.part === 'script') scripts.set(entry.name, entry.content);
    else if (entry.part === 'control') {
      manifest = manifestOf(entry.control);
    } else {
      const { part: _part, content, ...facts } = entry;
      const digest = entry.type === 'file' ? await digestOf(content()) : null;
      entries.push({ ...facts, digest });
    }
  }
  const id = `sha256:${hash.digest('hex')}`;
  if (manifest === null) throw new JamesError('bad-packet', 'The packet has no control.yaml.');
  if (expectedId !== null && id !== expectedId)
    throw new JamesError(
      'digest-mismatch',
      `The file of the packet ${manifest.name} is ${id} and not ${expectedId}; download it again.`,
    );
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  return {
    manifest: { ...manifest, id, scripts: [...scripts.keys()], entries },
    scripts,
    file,
    bytes,
  };
}

/** What a control file says, as the device keeps it: times in ms. */
function manifestOf(control: Control): Omit<Manifest, 'id' | 'scripts' | 'entries'> {
  const { name, labels = {}, depends = [], config = [], driver, reboot, scripts, health } = control;
  return {
    schema: MANIFEST_SCHEMA,
    ...{ name, labels, config },
    depends: [...new Set(depends.map((line) => line.name))],
    ...(driver !== undefined && { driver }),
    ...(reboot !== undefined && { reboot }),
    ...(scripts?.timeout !== undefined && { timeoutMs: parseDuration(scripts.timeout) }),
    ...(health !== undefined && { health: healthOf(health) }),
  };
}

const healthOf = ({ timeout, retries, interval }: PacketHealth): PacketHealthTimes => ({
  timeoutMs: timeout === undefined ? HEALTH_DEFAULTS.timeoutMs : parseDuration(timeout),
  retries: retries ?? HEALTH_DEFAULTS.retries,
  intervalMs: interval === undefined ? HEALTH_DEFAULTS.intervalMs : parseDuration(interval),
});

async function* hashed(
  content: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}
