import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDirectoryBlobs } from '../../../server/blobs/directory-blobs.ts';
import { blobStoreSuite } from '../../suites/blob-store-suite.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

blobStoreSuite('directory', () =>
  createDirectoryBlobs({ directory: temporaryDirectory(), minFreeBytes: 0 }),
);

describe('blobs in a directory', () => {
  it('removes what a process that was killed left, and nothing else', async () => {
    const directory = temporaryDirectory();
    const options = { directory, minFreeBytes: 0 };
    const { id } = await createDirectoryBlobs(options).put(text('x'), { maxBytes: 1 });
    writeFileSync(join(directory, 'unfinished', 'left'), 'half');
    mkdirSync(join(directory, 'zz'));
    const blobs = createDirectoryBlobs(options);
    expect(await blobs.removeUnfinished()).toBe(1);
    expect(readdirSync(join(directory, 'unfinished'))).toEqual([]);
    expect(await blobs.stat(id)).toEqual({ id, size: 1 });
  });

  it('takes nothing in below its limit of free space, and reads on', async () => {
    const directory = temporaryDirectory();
    const roomy = createDirectoryBlobs({ directory, minFreeBytes: 0 });
    const { id } = await roomy.put(text('x'), { maxBytes: 1 });
    const full = createDirectoryBlobs({ directory, minFreeBytes: Number.MAX_SAFE_INTEGER });
    await expect(full.put(text('y'), { maxBytes: 1 })).rejects.toMatchObject({ code: 'no-space' });
    const stream = await full.read(id);
    expect(stream?.read).toBeDefined();
    stream?.destroy();
    expect(await full.removeUnfinished()).toBe(0);
  });
});

async function* text(content: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(content);
}
