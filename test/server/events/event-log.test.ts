import { MemoryLevel } from 'memory-level';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { createEventLog, type EventLogOptions } from '../../../server/events/event-log.ts';
import { createStore } from '../../../server/store/level-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

async function started(options: Partial<EventLogOptions> = {}) {
  const store =
    options.store ?? (await createStore(new MemoryLevel<string, string>(), { log: silentLog }));
  const clock = createFakeClock();
  const events = createEventLog({ clock, log: silentLog, ...options, store });
  await events.start();
  const add = (subject: string, kind: 'spec-created' | 'device-failed' = 'spec-created') =>
    events.add({ kind, actor: 'server', subject });
  return { store, clock, events, add };
}

describe('the event log', () => {
  it('writes events soon, in one batch', async () => {
    const { store, clock, add, events } = await started();
    for (let n = 0; n < 10; n += 1) add(`s${n}`);
    expect(store.sequence()).toBe(0);
    await clock.advance(100);
    await events.flush();
    expect(store.sequence()).toBe(1);
  });

  it('writes at once when many wait', async () => {
    const { store, add, events } = await started();
    for (let n = 0; n < 256; n += 1) add(`s${n}`);
    await expect.poll(() => store.sequence()).toBe(1);
    expect((await events.list({ limit: 1000 })).items).toHaveLength(256);
  });

  it('lists newest first, by page, subject and kind', async () => {
    const { add, events } = await started();
    for (let n = 0; n < 7; n += 1) add(`s${n % 2}`, n % 3 === 0 ? 'device-failed' : 'spec-created');
    const seen: number[] = [];
    for (let next: number | null = 1000; next !== null; ) {
      const page = await events.list({ limit: 3, before: next });
      seen.push(...page.items.map((event) => event.seq));
      next = page.next;
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
    const failed = await events.list({ limit: 9, subject: 's0', kind: 'device-failed' });
    expect(failed.items.map((event) => event.seq)).toEqual([7, 1]);
  });

  it('goes on counting after a restart', async () => {
    const first = await started();
    first.add('a');
    await first.events.stop();
    const second = await started({ store: first.store });
    second.add('b');
    const { items } = await second.events.list({ limit: 9 });
    expect(items.map(({ seq, subject }) => [seq, subject])).toEqual([
      [2, 'b'],
      [1, 'a'],
    ]);
  });

  it('removes what is too old or too many', async () => {
    const { clock, add, events } = await started({ maxAgeMs: 10_000, maxCount: 5 });
    add('old');
    add('old');
    await clock.advance(11_000);
    for (let n = 0; n < 7; n += 1) add('new');
    await events.flush();
    expect(await events.prune()).toBe(4);
    const { items } = await events.list({ limit: 99 });
    expect(items.map((event) => event.seq)).toEqual([9, 8, 7, 6, 5]);
  });

  it('keeps events that could not be written for later, in bounded number', async () => {
    const store = await createStore(new MemoryLevel<string, string>(), { log: silentLog });
    let full = true;
    const { clock, add, events } = await started({
      store: {
        ...store,
        batch: async (operations, expect) => {
          if (full) throw new Error('disk full');
          return store.batch(operations, expect);
        },
      },
    });
    for (let n = 0; n < 10_500; n += 1) add(`s${n}`);
    await events.flush();
    full = false;
    await clock.advance(200);
    const { items } = await events.list({ limit: 20_000 });
    expect(items[0]?.subject).toBe('s10499');
    expect(items).toHaveLength(10_000);
  });
});
