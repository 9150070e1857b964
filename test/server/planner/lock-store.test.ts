import fc from 'fast-check';
import { MemoryLevel } from 'memory-level';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../proto/canonical-json.ts';
import { sha256Of } from '../../../proto/digest.ts';
import type { Lock, LockedPackage } from '../../../proto/lock.ts';
import { silentLog } from '../../../proto/log.ts';
import { joinLock, lockJson } from '../../../server/core/package-lock.ts';
import type { LockText } from '../../../server/core/package-model.ts';
import { decodeLockRecord } from '../../../server/planner/core/lock-record.ts';
import { createLockStore, type LockStore } from '../../../server/planner/lock-store.ts';
import { sharedText } from '../../../server/resolver/core/view-package.ts';
import { keys, lastPart, prefixes } from '../../../server/store/keys.ts';
import { createStore } from '../../../server/store/level-store.ts';
import { prefixRange, type Store } from '../../../server/store/store.ts';

const openStore = () => createStore(new MemoryLevel<string, string>(), { log: silentLog });

const pack = (name: string, version = '1'): LockedPackage => ({
  ...{ name, version, arch: 'amd64', auto: true, verify: true, source: 'debian' },
  ...{ size: 1, installedSize: 2 },
});

function lockText(packages: readonly LockedPackage[], keep: Lock['keep'] = []): LockText {
  const lines = packages.map((one) => sharedText(canonicalJson(one)));
  const parts = { type: 'deb' as const, keep, lines };
  const text = () => joinLock(parts);
  return { digest: sha256Of(text()), text, parts: () => parts, count: packages.length };
}

async function keepAll(locks: LockStore, some: readonly LockText[]): Promise<void> {
  for (const one of some) await locks.keep(one);
  await locks.flush();
}

async function restarted(store: Store): Promise<LockStore> {
  const locks = createLockStore(store);
  await locks.load();
  return locks;
}

async function numbersOnDisk(store: Store): Promise<number[]> {
  const found: number[] = [];
  for await (const { key } of store.range(prefixRange(prefixes.lockLine)))
    found.push(Number(lastPart(key)));
  return found;
}

async function namedOnDisk(store: Store): Promise<Set<number>> {
  const found = new Set<number>();
  for await (const { value } of store.range(prefixRange(prefixes.lock)))
    for (const number of decodeLockRecord(value)?.lines ?? []) found.add(number);
  return found;
}

/** A store whose batches fail where the plan says so; each takes a turn of the event loop. */
function failing(store: Store, plan: readonly boolean[]): Store {
  let batches = 0;
  return {
    ...store,
    async batch(operations, expect) {
      const fails = plan[batches] === true;
      batches += 1;
      await new Promise(setImmediate);
      if (fails) throw new Error('the disk is full');
      return store.batch(operations, expect);
    },
  };
}

const names = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 1 });

describe('the store of locks', () => {
  it('gives back what was kept, byte by byte, also after a restart', async () => {
    const store = await openStore();
    const locks = createLockStore(store);
    const some = [
      lockText([pack('a'), pack('b')]),
      lockText([pack('b'), pack('c', '1:2~ü"')], [{ name: 'x', problem: 'no-source' }]),
      lockText([]),
    ];
    await keepAll(locks, some);
    for (const reader of [locks, await restarted(store)])
      for (const { digest, text } of some) expect(await reader.text(digest)).toBe(text());
    expect(await locks.text(sha256Of('none'))).toBeUndefined();
    expect(await numbersOnDisk(store)).toHaveLength(3);
  });

  it('reads locks that were stored as a whole', async () => {
    const store = await openStore();
    const old = lockJson({ schema: 'jamesd.lock/1', type: 'deb', packages: [pack('a')], keep: [] });
    await store.batch([{ put: keys.lock(sha256Of(old)), value: old }]);
    const locks = await restarted(store);
    expect(await locks.text(sha256Of(old))).toBe(old);
    await locks.collect(new Set());
    expect(await locks.text(sha256Of(old))).toBeUndefined();
  });

  it('a lock on disk names no line that is not there, whatever fails', async () => {
    const steps = fc.array(fc.record({ names, flushes: fc.boolean() }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, fc.array(fc.boolean()), async (all, plan) => {
        const store = await openStore();
        const locks = createLockStore(failing(store, plan));
        const flushes: Promise<unknown>[] = [];
        for (const step of all) {
          await locks.keep(lockText(step.names.map((name) => pack(name))));
          if (step.flushes) flushes.push(locks.flush().catch(() => {}));
        }
        await Promise.all(flushes);
        await locks.flush().catch(() => {});
        const written = new Set(await numbersOnDisk(store));
        for (const number of await namedOnDisk(store)) expect(written).toContain(number);
        const again = all.map((step) => lockText(step.names.map((name) => pack(name))));
        const sound = await restarted(store);
        await keepAll(sound, again);
        for (const { digest, text } of again) expect(await sound.text(digest)).toBe(text());
      }),
      { numRuns: 50 },
    );
  });

  it('lines that no lock has any more go in time, and their numbers do not come back', async () => {
    const store = await openStore();
    const locks = createLockStore(store);
    const many = Array.from({ length: 3000 }, (_, index) => pack(`p${index}`));
    const [big, small] = [lockText(many), lockText([pack('a'), pack('p7')])];
    await keepAll(locks, [small, big]);
    await locks.collect(new Set([small.digest]));
    const highest = Math.max(...(await numbersOnDisk(store)));
    expect(await numbersOnDisk(store)).toEqual([...(await namedOnDisk(store)), highest]);
    expect(highest).toBe(3001);
    const next = await restarted(store);
    expect(await next.text(small.digest)).toBe(small.text());
    const more = lockText([pack('p7'), pack('p8'), pack('p9')]);
    await keepAll(next, [more]);
    expect(await next.text(more.digest)).toBe(more.text());
    expect(Math.max(...(await numbersOnDisk(store)))).toBe(highest + 2);
  });

  it('a lock that comes while lines are swept loses none of them', async () => {
    const store = await openStore();
    const locks = createLockStore(store);
    const many = Array.from({ length: 3000 }, (_, index) => pack(`p${index}`));
    await keepAll(locks, [lockText(many)]);
    const sweeping = locks.collect(new Set());
    const late = lockText(many.slice(5, 9));
    await keepAll(locks, [late]);
    await sweeping;
    expect(await (await restarted(store)).text(late.digest)).toBe(late.text());
  });
});
