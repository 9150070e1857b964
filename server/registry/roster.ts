import type { Device } from './device.ts';
import type { DeviceChange, Devices } from './devices.ts';

/** The devices in memory, with their ids in order. */
export interface Roster extends Devices {
  get(id: string): Device | undefined;
  all(): Iterable<Device>;
  add(device: Device): void;
  remove(id: string): void;
  /** Tells all listeners. */
  changed(change: DeviceChange): void;
  /** The devices whose ids come after `cursor`, in id order (by UTF-16 code units; ids are ASCII). */
  after(cursor: string): Iterable<Device>;
}

/** An empty roster. Adding in id order, as the store reads, costs nothing extra. */
export function createRoster(): Roster {
  const devices = new Map<string, Device>();
  const ids: string[] = [];
  const listeners = new Set<(change: DeviceChange) => void>();

  return {
    get: (id) => devices.get(id),
    all: () => devices.values(),
    size: () => devices.size,
    add(device) {
      if (!devices.has(device.id)) ids.splice(placeOf(ids, device.id), 0, device.id);
      devices.set(device.id, device);
    },
    remove(id) {
      if (devices.delete(id)) ids.splice(placeOf(ids, id), 1);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed(change) {
      for (const listener of [...listeners]) listener(change);
    },
    *after(cursor) {
      let at = placeOf(ids, cursor);
      if (ids[at] === cursor) at += 1;
      for (; at < ids.length; at += 1) yield devices.get(ids[at] as string) as Device;
    },
  };
}

/** The index of the first id that is not below `id`. */
function placeOf(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] as string) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
