import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryLevel } from 'memory-level';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { createDirectoryBlobs } from '../../../server/blobs/directory-blobs.ts';
import { createStore, openLevelStore } from '../../../server/store/level-store.ts';
import { prefixRange } from '../../../server/store/store.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const MIB = 1024 * 1024;

/** A file system of its own of `mib` MiB, or null if this process may not mount one. */
function smallDisk(mib: number): string | null {
  const directory = temporaryDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'none', directory], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', directory]));
  return directory;
}

describe('a full disk', () => {
  it('refuses writes, goes on reading, and takes writes again when there is space', async ({
    skip,
  }) => {
    const directory = smallDisk(64);
    if (directory === null) return skip('needs the right to mount');
    const store = await openLevelStore({ directory, log: silentLog });
    onTestFinished(() => store.close());
    const filler = join(directory, 'filler');
    const write = (n: number) =>
      store.batch([{ put: `k/${n}`, value: `"${'x'.repeat(100_000)}"` }]);
    await write(0);
    writeFileSync(filler, Buffer.alloc(46 * MIB));
    const acknowledged = [0];
    const refused: unknown[] = [];
    for (let n = 1; n <= 40; n += 1) {
      await write(n).then(
        () => acknowledged.push(n),
        (error) => refused.push(error),
      );
    }
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject({ code: 'no-space' });
    expect((await store.get('k/0'))?.value.length).toBe(100_002);
    rmSync(filler);
    await write(99);
    const found: string[] = [];
    for await (const { key } of store.range(prefixRange('k/'))) found.push(key);
    expect(found.sort()).toEqual([...acknowledged, 99].map((n) => `k/${n}`).sort());
  });

  it('keeps nothing of content that fills it', async ({ skip }) => {
    const directory = smallDisk(8);
    if (directory === null) return skip('needs the right to mount');
    const blobs = createDirectoryBlobs({ directory, minFreeBytes: 0 });
    async function* endless() {
      for (;;) yield Buffer.alloc(65_536);
    }
    const put = blobs.put(endless(), { maxBytes: 100 * MIB });
    await expect(put).rejects.toMatchObject({ code: 'no-space' });
    expect(await blobs.freeBytes()).toBeGreaterThan(7 * MIB);
  });

  it('makes the database close and open again after a write that failed, and loses nothing', async () => {
    const level = new MemoryLevel<string, string>();
    const opened: string[] = [];
    level.on('open', () => opened.push('open'));
    const store = await createStore(level, { log: silentLog });
    await store.batch([{ put: 'a', value: '1' }]);
    const { batch } = level;
    level.batch = (() => Promise.reject(new Error('IO error: No space left on device'))) as never;
    await expect(store.batch([{ put: 'b', value: '1' }])).rejects.toMatchObject({
      code: 'no-space',
    });
    expect((await store.get('a'))?.value).toBe('1');
    level.batch = batch;
    await store.batch([{ put: 'c', value: '1' }]);
    expect(opened).toHaveLength(2);
    const [a, b, c] = await store.getMany(['a', 'b', 'c']);
    expect([a?.value, b, c?.value]).toEqual(['1', undefined, '1']);
    await store.close();
  });
});
