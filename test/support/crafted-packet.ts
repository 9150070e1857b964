import { gzipSync } from 'node:zlib';
import { BLOCK, encodeHeader, type TarHeader } from '../../proto/archive/tar-header.ts';

/** A member of an archive as no honest tool would write it. */
export interface CraftedEntry extends Partial<TarHeader> {
  body?: string | Uint8Array;
  /** Changes the header block before its checksum is made anew. */
  patch?: (block: Uint8Array) => void;
}

/** A packet file of these members, whatever they are; `control` first if it is given. */
export function craftedPacket(
  entries: readonly CraftedEntry[],
  control: string | Uint8Array | null = 'name: crafted\n',
): Buffer {
  const all = control === null ? entries : [{ name: 'control.yaml', body: control }, ...entries];
  return gzipSync(craftedTar(all));
}

export function craftedTar(entries: readonly CraftedEntry[]): Buffer {
  return Buffer.concat([...entries.map(member), Buffer.alloc(2 * BLOCK)]);
}

/** A number below zero as GNU tar writes it: base 256, two's complement. */
export function putNegative(block: Uint8Array, at: number, length: number, value: number): void {
  const field = Buffer.alloc(length, 0xff);
  field.writeInt32BE(value, length - 4);
  block.set(field, at);
}

function member({ body = '', patch, ...header }: CraftedEntry): Buffer {
  const bytes = Buffer.from(body);
  const block = encodeHeader({
    ...{ name: '', type: '0', mode: 0o644, uid: 0, gid: 0, modified: 0, linkName: '' },
    size: bytes.length,
    ...header,
  });
  if (patch) {
    patch(block);
    rewriteChecksum(block);
  }
  const padding = (BLOCK - (bytes.length % BLOCK)) % BLOCK;
  return Buffer.concat([block, bytes, Buffer.alloc(padding)]);
}

function rewriteChecksum(block: Uint8Array): void {
  block.fill(32, 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
}
