import type { EventView } from '../../proto/api.ts';
import { prefixes } from '../store/keys.ts';
import { prefixRange, type Store } from '../store/store.ts';

/** Deletions that go into one batch. */
const BATCH = 1000;

/** Removes events before the time `olderThan` and those numbered up to `below`; returns how many. */
export async function pruneEvents(
  store: Store,
  limits: { olderThan: string; below: number },
): Promise<number> {
  let removed = 0;
  let batch: { delete: string }[] = [];
  const remove = async (): Promise<void> => {
    if (batch.length > 0) await store.batch(batch);
    removed += batch.length;
    batch = [];
  };
  for await (const entry of store.range(prefixRange(prefixes.event))) {
    const { seq, at } = JSON.parse(entry.value) as EventView;
    if (at >= limits.olderThan && seq >= limits.below) break;
    batch.push({ delete: entry.key });
    if (batch.length >= BATCH) await remove();
  }
  await remove();
  return removed;
}
