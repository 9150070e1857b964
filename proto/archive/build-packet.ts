import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { inspectPacket, type PacketSummary } from './inspect-packet.ts';
import { type PacketOptions, writePacket } from './write-packet.ts';

export interface BuiltPacket extends PacketSummary {
  /** `sha256:` and the digest of the file. */
  id: string;
  /** Bytes of the file. */
  size: number;
}

/**
 * Makes a packet file from a source directory, reads it back as a check, and puts it in place of `file` in one step.
 * Throws what reading a packet throws; then `file` is as it was.
 */
export async function buildPacket(
  directory: string,
  file: string,
  options: PacketOptions,
): Promise<BuiltPacket> {
  const draft = `${file}.part`;
  try {
    const written = await save(writePacket(directory, options), draft);
    const summary = await inspectPacket(createReadStream(draft));
    await rename(draft, file);
    return { ...summary, ...written };
  } finally {
    await rm(draft, { force: true });
  }
}

async function save(
  content: AsyncIterable<Uint8Array>,
  path: string,
): Promise<{ id: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const target = await open(path, 'w', 0o644);
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.length;
      await target.writeFile(chunk);
    }
  } finally {
    await target.close();
  }
  return { id: `sha256:${hash.digest('hex')}`, size };
}
