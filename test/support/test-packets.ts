import { MemoryLevel } from 'memory-level';
import { onTestFinished } from 'vitest';
import { silentLog } from '../../proto/log.ts';
import { createDirectoryBlobs } from '../../server/blobs/directory-blobs.ts';
import { createEventLog } from '../../server/events/event-log.ts';
import {
  createPacketLibrary,
  type PacketLibraryOptions,
} from '../../server/packets/packet-library.ts';
import { createStore } from '../../server/store/level-store.ts';
import type { Store } from '../../server/store/store.ts';
import { createFakeClock } from './fake-clock.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A library of packets on a store in memory and content in a directory. */
export async function testPackets(
  options: Partial<PacketLibraryOptions> & { minFreeBytes?: number } = {},
) {
  const { minFreeBytes = 0, ...given } = options;
  const store: Store =
    given.store ?? (await createStore(new MemoryLevel<string, string>(), { log: silentLog }));
  const directory = temporaryDirectory();
  const blobs = given.blobs ?? createDirectoryBlobs({ directory, minFreeBytes });
  const clock = createFakeClock();
  const events = createEventLog({ store, clock, log: silentLog });
  const library = createPacketLibrary({
    maxPacketBytes: 50_000_000,
    inUse: () => [],
    keepInstalled: () => new Set(),
    log: silentLog,
    clock,
    events,
    ...given,
    store,
    blobs,
  });
  await library.start();
  onTestFinished(() => library.stop());
  return { store, blobs, library, events, clock, directory };
}

export async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
