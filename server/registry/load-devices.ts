import { keys, lastPart, prefixes } from '../store/keys.ts';
import { prefixRange, type Store } from '../store/store.ts';
import { Device } from './device.ts';
import { parseRecord, parseStoredReport } from './device-record.ts';
import type { Interner } from './interner.ts';
import type { Roster } from './roster.ts';

/** Reads all devices of the store into the roster: identities, then what each reported last, then when it was seen. */
export async function loadDevices(store: Store, roster: Roster, interner: Interner): Promise<void> {
  for await (const { key, value } of store.range(prefixRange(prefixes.device))) {
    const id = lastPart(key);
    roster.add(new Device(id, parseRecord(id, value), interner));
  }
  for await (const { key, value } of store.range(prefixRange(prefixes.reported))) {
    const { receivedAt, reported } = parseStoredReport(value);
    const device = roster.get(lastPart(key));
    if (!device) continue;
    device.report(reported, interner);
    device.seenAt = receivedAt;
  }
  const orphans: string[] = [];
  for await (const { key, value } of store.range(prefixRange(prefixes.seen))) {
    const device = roster.get(lastPart(key));
    if (device) device.seenAt = Math.max(device.seenAt ?? 0, Number(value));
    else orphans.push(lastPart(key));
  }
  if (orphans.length > 0) await store.batch(orphans.map((id) => ({ delete: keys.seen(id) })));
}
