import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Entry,
  prefixRange,
  type Range,
  StaleError,
  type Store,
} from '../../server/store/store.ts';

/** What every adapter of the port `Store` must do. `open` gives an empty store. */
export function storeSuite(name: string, open: () => Promise<Store>): void {
  async function opened(): Promise<Store> {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  }

  describe(`store: ${name}`, () => {
    it('gives back what was put, with the number of its batch as revision', async () => {
      const store = await opened();
      const first = await store.batch([{ put: 'a', value: '{"n":1}' }]);
      const second = await store.batch([{ put: 'b', value: '"line\\nbreak\\u0000ü"' }]);
      expect(second).toBeGreaterThan(first);
      expect(store.sequence()).toBe(second);
      expect(await store.get('a')).toEqual({ key: 'a', value: '{"n":1}', revision: first });
      expect(await store.getMany(['b', 'x', 'a'])).toEqual([
        { key: 'b', value: '"line\\nbreak\\u0000ü"', revision: second },
        undefined,
        { key: 'a', value: '{"n":1}', revision: first },
      ]);
    });

    it('reads ranges in the order of the keys, with bounds, limit and reverse', async () => {
      const store = await opened();
      const keys = ['p/1', 'p/10', 'p/2', 'p/ü', 'q/1', 'p'];
      await store.batch(keys.map((key) => ({ put: key, value: '0' })));
      expect(await keysOf(store, prefixRange('p/'))).toEqual(['p/1', 'p/10', 'p/2', 'p/ü']);
      expect(await keysOf(store, { gt: 'p/1', lte: 'p/2' })).toEqual(['p/10', 'p/2']);
      expect(await keysOf(store, { ...prefixRange('p/'), reverse: true, limit: 2 })).toEqual([
        'p/ü',
        'p/2',
      ]);
      expect(await keysOf(store, { lt: 'p/' })).not.toContain('p/1');
    });

    it('a range shows one moment, whatever is written meanwhile', async () => {
      const store = await opened();
      const all = Array.from({ length: 500 }, (_, index) => `k/${1000 + index}`);
      await store.batch(all.map((key) => ({ put: key, value: '"old"' })));
      const seen: Entry[] = [];
      for await (const entry of store.range(prefixRange('k/'))) {
        if (seen.length === 0) await store.batch(all.slice(1).map((key) => ({ delete: key })));
        seen.push(entry);
      }
      expect(seen.map((entry) => entry.key)).toEqual(all);
      expect(await keysOf(store, prefixRange('k/'))).toEqual([all[0]]);
    });

    it('refuses a batch whose expectation fails, and changes nothing', async () => {
      const store = await opened();
      const revision = await store.batch([{ put: 'a', value: '1' }]);
      const stale = store.batch(
        [
          { put: 'a', value: '2' },
          { put: 'b', value: '2' },
        ],
        [{ key: 'a', revision: revision - 1 }],
      );
      await expect(stale).rejects.toThrow(StaleError);
      expect((await store.get('a'))?.value).toBe('1');
      expect(await store.get('b')).toBeUndefined();
      await expect(store.batch([], [{ key: 'a', revision: 0 }])).rejects.toThrow(StaleError);
      await store.batch([{ delete: 'a' }], [{ key: 'a', revision }]);
      await store.batch([{ put: 'a', value: '3' }], [{ key: 'a', revision: 0 }]);
      expect((await store.get('a'))?.value).toBe('3');
    });

    it('lets exactly one of many concurrent batches that expect the same revision through', async () => {
      const store = await opened();
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) =>
          store.batch([{ put: 'one', value: String(index) }], [{ key: 'one', revision: 0 }]),
        ),
      );
      const won = results.findIndex((result) => result.status === 'fulfilled');
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      expect((await store.get('one'))?.value).toBe(String(won));
    });

    it('counts without loss when batches are tried again until they fit', async () => {
      const store = await opened();
      async function increment(): Promise<void> {
        const entry = await store.get('count');
        const value = String(Number(entry?.value ?? 0) + 1);
        try {
          await store.batch(
            [{ put: 'count', value }],
            [{ key: 'count', revision: entry?.revision ?? 0 }],
          );
        } catch (error) {
          if (!(error instanceof StaleError)) throw error;
          await increment();
        }
      }
      await Promise.all(Array.from({ length: 40 }, increment));
      expect((await store.get('count'))?.value).toBe('40');
    });

    it('tells watchers of the keys they asked for, in the order of the batches', async () => {
      const store = await opened();
      const heard: [readonly string[], number][] = [];
      const end = store.watch('a/', (keys, sequence) => heard.push([keys, sequence]));
      store.watch('', () => {
        throw new Error('a listener that fails');
      });
      const numbers = await Promise.all([
        store.batch([
          { put: 'a/1', value: '1' },
          { put: 'b/1', value: '1' },
        ]),
        store.batch([{ put: 'b/2', value: '1' }]),
        store.batch([{ delete: 'a/1' }, { put: 'a/2', value: '1' }]),
      ]);
      end();
      await store.batch([{ put: 'a/3', value: '1' }]);
      expect(heard).toEqual([
        [['a/1'], numbers[0]],
        [['a/1', 'a/2'], numbers[2]],
      ]);
    });

    it('a listener sees the batch that it is told of', async () => {
      const store = await opened();
      const read = new Promise((resolve) => {
        store.watch('k', () => resolve(store.get('k')));
      });
      await store.batch([{ put: 'k', value: '7' }]);
      expect(await read).toMatchObject({ value: '7' });
    });

    it('behaves as a sorted map under any concurrent batches', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(operation, { maxLength: 5 }), { maxLength: 30 }),
          async (batches) => {
            const store = await open();
            const numbers = await Promise.all(batches.map((batch) => store.batch(batch)));
            const expected = model(batches, numbers);
            const found: Entry[] = [];
            for await (const entry of store.range(prefixRange('m/'))) found.push(entry);
            await store.close();
            expect(found).toEqual(expected);
            expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
          },
        ),
        { numRuns: 25 },
      );
    });

    it('refuses batches after it was closed', async () => {
      const store = await open();
      const last = store.batch([{ put: 'a', value: '1' }]);
      const closed = store.close();
      await expect(store.batch([{ put: 'b', value: '1' }])).rejects.toMatchObject({
        code: 'unavailable',
      });
      await expect(last).resolves.toBeGreaterThan(0);
      await closed;
      await store.close();
    });
  });
}

const key = fc.constantFrom('m/a', 'm/b', 'm/c', 'm/d');
const operation = fc.oneof(
  fc.record({ put: key, value: fc.nat(9).map(String) }),
  fc.record({ delete: key }),
);

/** What must be there after the batches were applied one after the other. */
function model(
  batches: readonly (readonly ({ put: string; value: string } | { delete: string })[])[],
  numbers: readonly number[],
): Entry[] {
  const entries = new Map<string, Entry>();
  batches.forEach((batch, index) => {
    for (const operation of batch) {
      if ('delete' in operation) entries.delete(operation.delete);
      else {
        const entry = { key: operation.put, value: operation.value, revision: numbers[index] ?? 0 };
        entries.set(operation.put, entry);
      }
    }
  });
  return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function keysOf(store: Store, range: Range): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of store.range(range)) found.push(entry.key);
  return found;
}
