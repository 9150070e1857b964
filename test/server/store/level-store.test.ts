import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryLevel } from 'memory-level';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { ensureEpoch } from '../../../server/store/epoch.ts';
import { keys } from '../../../server/store/keys.ts';
import { createStore, openLevelStore } from '../../../server/store/level-store.ts';
import { storeSuite } from '../../suites/store-suite.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const open = (directory: string) => openLevelStore({ directory, log: silentLog });

storeSuite('level in memory', () =>
  createStore(new MemoryLevel<string, string>(), { log: silentLog }),
);
storeSuite('level in a directory', () => open(temporaryDirectory()));

describe('level store', () => {
  it('keeps entries, revisions and the epoch across openings, and never uses a number twice', async () => {
    const directory = temporaryDirectory();
    const first = await open(directory);
    const epoch = await ensureEpoch(first);
    const revision = await first.batch([{ put: 'a', value: '1' }]);
    const last = await first.batch([{ delete: 'a' }, { put: 'b', value: '1' }]);
    await first.batch([{ delete: 'b' }]);
    await first.close();
    const second = await open(directory);
    expect(await ensureEpoch(second)).toBe(epoch);
    expect(second.sequence()).toBe(last + 1);
    expect(await second.batch([{ put: 'a', value: '2' }])).toBeGreaterThan(revision);
    await second.close();
  });

  it('gives every new store another epoch', async () => {
    const stores = [await open(temporaryDirectory()), await open(temporaryDirectory())];
    const epochs = await Promise.all(stores.map(ensureEpoch));
    for (const store of stores) await store.close();
    expect(epochs[0]).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(epochs[0]).not.toBe(epochs[1]);
  });

  it('refuses data of a newer release and lets go of them', async () => {
    const directory = temporaryDirectory();
    const store = await open(directory);
    await store.batch([{ put: keys.epoch, value: '{"format":99,"epoch":"x"}' }]);
    await store.close();
    await expect(open(directory)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(open(directory)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('says that a directory cannot be used', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), '');
    const opened = open(join(directory, 'file', 'data'));
    await expect(opened).rejects.toMatchObject({ code: 'bad-config' });
  });

  it('writes many concurrent batches in few groups', async () => {
    const level = new MemoryLevel<string, string>();
    let writes = 0;
    const store = await createStore(level, { log: silentLog });
    level.on('write', () => {
      writes += 1;
    });
    await Promise.all(
      Array.from({ length: 1000 }, (_, n) => store.batch([{ put: `k/${n}`, value: '1' }])),
    );
    expect(writes).toBeLessThan(5);
    expect(store.sequence()).toBe(1000);
    await store.close();
  });
});
