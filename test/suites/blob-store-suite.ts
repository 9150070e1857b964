import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../proto/digest.ts';
import type { BlobStore } from '../../server/blobs/blob-store.ts';

/** What every adapter of the port `BlobStore` must do. `open` gives an empty one. */
export function blobStoreSuite(name: string, open: () => BlobStore): void {
  describe(`blobs: ${name}`, () => {
    it('keeps content under its digest and gives it back whole or in part', async () => {
      const blobs = open();
      const bytes = Buffer.from('0123456789');
      const info = await blobs.put(chunks(bytes, 3), { maxBytes: 10 });
      expect(info).toEqual({ id: sha256Of(bytes), size: 10 });
      expect(await blobs.stat(info.id)).toEqual(info);
      expect(await read(blobs, info.id)).toBe('0123456789');
      expect(await read(blobs, info.id, { start: 2, end: 4 })).toBe('234');
      expect(await read(blobs, info.id, { start: 9, end: 9 })).toBe('9');
      expect(await list(blobs)).toEqual([info]);
    });

    it('pours content in pieces, many at a time', async () => {
      const blobs = open();
      const bytes = Buffer.alloc(2_000_000, 'abcdefg');
      const { id } = await blobs.put(chunks(bytes, 65_536), { maxBytes: bytes.length });
      const pour = async (start: number, end: number) => {
        const pieces: Buffer[] = [];
        const here = await blobs.pour(id, { start, end }, async (piece) => {
          pieces.push(Buffer.from(piece));
          await new Promise((resolve) => setImmediate(resolve));
        });
        expect(here).toBe(true);
        return Buffer.concat(pieces).equals(bytes.subarray(start, end + 1));
      };
      const whole = Array.from({ length: 100 }, () => pour(0, bytes.length - 1));
      const parts = Array.from({ length: 20 }, (_, n) => pour(n * 7919, n * 70_001 + 600_000));
      expect(new Set(await Promise.all([...whole, ...parts]))).toEqual(new Set([true]));
      const failed = blobs.pour(id, { start: 0, end: 9 }, () => Promise.reject(new Error('gone')));
      await expect(failed).rejects.toThrow('gone');
      const missing = `sha256:${'0'.repeat(64)}`;
      expect(await blobs.pour(missing, { start: 0, end: 9 }, async () => undefined)).toBe(false);
    });

    it('keeps empty content, and the same content once', async () => {
      const blobs = open();
      const empty = await blobs.put(chunks(Buffer.alloc(0), 1), { maxBytes: 0 });
      expect(await read(blobs, empty.id)).toBe('');
      const both = await Promise.all(
        [1, 5].map((size) => blobs.put(chunks(Buffer.from('same bytes'), size), { maxBytes: 99 })),
      );
      expect(both[0]).toEqual(both[1]);
      expect(await list(blobs)).toHaveLength(2);
    });

    it('keeps nothing of content that is too large', async () => {
      const blobs = open();
      const put = blobs.put(endless(), { maxBytes: 1_000_000 });
      await expect(put).rejects.toMatchObject({ code: 'too-large' });
      expect(await list(blobs)).toEqual([]);
      expect(await blobs.removeUnfinished()).toBe(0);
    });

    it('keeps nothing of content that breaks off', async () => {
      const blobs = open();
      const put = blobs.put(broken(), { maxBytes: 1_000_000 });
      await expect(put).rejects.toThrow('cut off');
      expect(await list(blobs)).toEqual([]);
      expect(await blobs.removeUnfinished()).toBe(0);
    });

    it('deletes, and says what is not there', async () => {
      const blobs = open();
      const { id } = await blobs.put(chunks(Buffer.from('x'), 1), { maxBytes: 1 });
      await blobs.delete(id);
      await blobs.delete(id);
      expect(await blobs.stat(id)).toBeUndefined();
      expect(await blobs.read(id)).toBeUndefined();
      for (const odd of ['', 'sha256:', '../../etc/passwd', `sha256:../${'a'.repeat(61)}`]) {
        expect(await blobs.stat(odd)).toBeUndefined();
        expect(await blobs.read(odd)).toBeUndefined();
      }
    });

    it('a reader that is under way reads on after a deletion', async () => {
      const blobs = open();
      const bytes = Buffer.alloc(3_000_000, 'ab');
      const { id } = await blobs.put(chunks(bytes, 100_000), { maxBytes: bytes.length });
      const stream = await blobs.read(id);
      await blobs.delete(id);
      const parts: Buffer[] = [];
      for await (const part of stream ?? []) parts.push(part as Buffer);
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    });

    it('holds little of large content in memory', async () => {
      const blobs = open();
      const before = process.memoryUsage();
      const size = 200 * 1024 * 1024;
      const { id } = await blobs.put(repeated(size), { maxBytes: size });
      let read = 0;
      for await (const part of (await blobs.read(id)) ?? []) read += (part as Buffer).length;
      const after = process.memoryUsage();
      expect(read).toBe(size);
      expect(after.rss - before.rss).toBeLessThan(100 * 1024 * 1024);
    });

    it('knows how much space is free', async () => {
      expect(await open().freeBytes()).toBeGreaterThan(0);
    });
  });
}

async function* chunks(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* endless(): AsyncIterable<Uint8Array> {
  for (;;) yield Buffer.alloc(65_536);
}

async function* repeated(size: number): AsyncIterable<Uint8Array> {
  const chunk = Buffer.alloc(1024 * 1024, 7);
  for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
}

async function* broken(): AsyncIterable<Uint8Array> {
  yield Buffer.alloc(100_000);
  throw new Error('cut off');
}

async function read(
  blobs: BlobStore,
  id: string,
  range?: { start: number; end: number },
): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of (await blobs.read(id, range)) ?? []) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function list(blobs: BlobStore) {
  const found = [];
  for await (const info of blobs.list()) found.push(info);
  return found;
}
