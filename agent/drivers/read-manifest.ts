import { createHash } from 'node:crypto';
import { readPacket } from '../../proto/archive/read-packet.ts';
import { JamesError } from '../../proto/errors.ts';
import { MANIFEST_SCHEMA, type Manifest, type ManifestEntry } from '../core/manifest.ts';
import type { Script } from '../core/script-order.ts';
import type { Files } from '../system/files.ts';

/** A packet file that was read to its end and found to be right. */
export interface ReadPacketFile {
  manifest: Manifest;
  scripts: ReadonlyMap<Script, Uint8Array>;
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
  const scripts = new Map<Script, Uint8Array>();
  const entries: ManifestEntry[] = [];
  let manifest: Omit<Manifest, 'id' | 'scripts' | 'entries'> | null = null;
  for await (const entry of readPacket(hashed(files.readStream(file), hash))) {
    if (entry.part === 'script') scripts.set(entry.name, entry.content);
    else if (entry.part === 'control') {
      const { name, labels = {}, depends = [], config = [] } = entry.control;
      const names = [...new Set(depends.map((line) => line.name))];
      manifest = { schema: MANIFEST_SCHEMA, name, labels, depends: names, config };
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
