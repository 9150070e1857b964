import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePacket } from '../../proto/archive/write-packet.ts';
import { type PacketSource, writePacketSource } from './example.ts';

/** The bytes of a packet file, built from a directory as a person would. */
export async function packetBytes(source: PacketSource): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-packet-'));
  try {
    const parts: Uint8Array[] = [];
    const packet = writePacket(writePacketSource(directory, source), { keepOwner: false });
    for await (const part of packet) parts.push(part);
    return Buffer.concat(parts);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
