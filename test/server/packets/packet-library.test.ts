import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../proto/digest.ts';
import type { BlobStore } from '../../../server/blobs/blob-store.ts';
import { packetBytes } from '../../support/packet-bytes.ts';
import { once, testPackets } from '../../support/test-packets.ts';

const hello = (text: string, labels = { version: '1' }) =>
  packetBytes({ name: 'hello', labels, files: { 'usr/bin/hello': `#!/bin/sh\necho ${text}\n` } });

async function contentOf(blobs: BlobStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of blobs.list()) ids.push(id);
  return ids.sort();
}

describe('the packet library', () => {
  it('takes a packet in, once', async () => {
    const { library, blobs, store } = await testPackets();
    const bytes = await hello('a');
    const heard: string[] = [];
    library.onChange((name) => heard.push(name));
    const first = await library.upload(once(bytes), 'token:t');
    const again = await library.upload(once(bytes), 'token:t');
    expect(first.packet).toMatchObject({
      id: sha256Of(bytes),
      seq: store.sequence(),
      name: 'hello',
      labels: { version: '1' },
      size: bytes.length,
    });
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again.packet).toEqual(first.packet);
    expect(heard).toEqual(['hello']);
    expect(await contentOf(blobs)).toEqual([first.packet.id]);
  });

  it('refuses other bytes under the same name and labels, and keeps nothing of them', async () => {
    const { library, blobs } = await testPackets();
    const { packet } = await library.upload(once(await hello('a')), 'token:t');
    const other = library.upload(once(await hello('b')), 'token:t');
    await expect(other).rejects.toMatchObject({
      code: 'packet-exists',
      members: { id: packet.id },
    });
    expect(await contentOf(blobs)).toEqual([packet.id]);
    expect(library.byName('hello')).toEqual([packet]);
  });

  it('lets exactly one of many concurrent uploads of one name and labels win', async () => {
    const { library, blobs } = await testPackets();
    const all = await Promise.all(Array.from({ length: 8 }, (_, n) => hello(String(n))));
    const results = await Promise.allSettled(
      all.map((bytes) => library.upload(once(bytes), 'token:t')),
    );
    const won = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value.packet] : [],
    );
    expect(won).toHaveLength(1);
    expect(library.byName('hello')).toEqual(won);
    await library.collect();
    expect(await contentOf(blobs)).toEqual([won[0]?.id]);
  });

  it('gives all of many concurrent uploads of the same bytes the same packet', async () => {
    const { library } = await testPackets();
    const bytes = await hello('a');
    const results = await Promise.all(
      Array.from({ length: 8 }, () => library.upload(once(bytes), 'token:t')),
    );
    expect(new Set(results.map(({ packet }) => packet.seq)).size).toBe(1);
    expect(results.filter(({ created }) => created)).toHaveLength(1);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.from('this is no packet at all')],
    ['a broken gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3])],
  ])('refuses %s and keeps nothing', async (_what, bytes) => {
    const { library, blobs } = await testPackets();
    await expect(library.upload(once(bytes), 't')).rejects.toMatchObject({ code: 'bad-packet' });
    expect(await contentOf(blobs)).toEqual([]);
  });

  it('refuses every truncation of a packet and keeps nothing', async () => {
    const { library, blobs } = await testPackets();
    const bytes = await hello('a');
    for (let end = 0; end < bytes.length; end += 17) {
      const upload = library.upload(once(bytes.subarray(0, end)), 't');
      await expect(upload).rejects.toMatchObject({ code: 'bad-packet' });
    }
    expect(await contentOf(blobs)).toEqual([]);
  });

  it('refuses what is too large, and a full disk, and keeps nothing', async () => {
    const bytes = await hello('a');
    const small = await testPackets({ maxPacketBytes: bytes.length - 1 });
    await expect(small.library.upload(once(bytes), 't')).rejects.toMatchObject({
      code: 'too-large',
    });
    const full = await testPackets({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    await expect(full.library.upload(once(bytes), 't')).rejects.toMatchObject({ code: 'no-space' });
    expect(await contentOf(small.blobs)).toEqual([]);
    expect(await contentOf(full.blobs)).toEqual([]);
  });

  it('deletes a packet unless a spec chooses it', async () => {
    let specs: string[] = ['web-spec'];
    const { library, blobs } = await testPackets({ inUse: () => specs });
    const bytes = await hello('a');
    const { packet } = await library.upload(once(bytes), 't');
    await expect(library.delete(packet.id, 't')).rejects.toMatchObject({
      code: 'packet-in-use',
      members: { specs: ['web-spec'] },
    });
    specs = [];
    await library.delete(packet.id, 't');
    expect(library.get(packet.id)).toBeUndefined();
    expect(await contentOf(blobs)).toEqual([]);
    await expect(library.delete(packet.id, 't')).rejects.toMatchObject({ code: 'not-found' });
    const again = await library.upload(once(bytes), 't');
    expect(again.created).toBe(true);
    expect(again.packet.seq).toBeGreaterThan(packet.seq);
  });

  it('collects what nothing refers to, and never what a device has', async () => {
    const installed = new Set<string>();
    const { library, blobs, clock } = await testPackets({ keepInstalled: () => installed });
    const { packet } = await library.upload(once(await hello('a')), 't');
    const gone = await library.upload(once(await hello('b', { version: '2' })), 't');
    installed.add(gone.packet.id);
    const stray = await blobs.put(once(Buffer.from('left by a crash')), { maxBytes: 99 });
    await library.delete(gone.packet.id, 't');
    expect(await contentOf(blobs)).toEqual([packet.id, gone.packet.id, stray.id].sort());
    await clock.advance(3_600_000);
    await expect.poll(() => contentOf(blobs)).toEqual([packet.id, gone.packet.id].sort());
    installed.clear();
    expect(await library.collect()).toBe(1);
    expect(await contentOf(blobs)).toEqual([packet.id]);
  });

  it('collects nothing of an upload that is under way', async () => {
    const { library, blobs } = await testPackets();
    const bytes = await hello('a');
    const { id } = await blobs.put(once(bytes), { maxBytes: bytes.length });
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* slow() {
      yield bytes.subarray(0, 10);
      await held;
      yield bytes.subarray(10);
    }
    const upload = library.upload(slow(), 't');
    expect(await library.collect()).toBe(0);
    finish();
    expect((await upload).packet.id).toBe(id);
    expect(await library.collect()).toBe(0);
    expect(await blobs.stat(id)).toBeDefined();
  });

  it('knows all packets after a restart, oldest first', async () => {
    const first = await testPackets();
    for (const version of ['3', '1', '2']) {
      await first.library.upload(once(await hello('a', { version })), 't');
    }
    const second = await testPackets({ store: first.store, blobs: first.blobs });
    expect(second.library.byName('hello')).toEqual(first.library.byName('hello'));
    expect(second.library.byName('hello').map(({ labels }) => labels.version)).toEqual([
      '3',
      '1',
      '2',
    ]);
    expect(second.library.byLabels('hello', { version: '1' })?.labels).toEqual({ version: '1' });
  });
});
