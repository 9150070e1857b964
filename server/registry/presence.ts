import type { Clock } from '../../proto/clock.ts';
import type { Device } from './device.ts';
import type { Roster } from './roster.ts';

/** How a device polls when it is told nothing else. */
const DEFAULT_POLL_MS = 30_000;
/** A device that polls may miss this many polls before it counts as offline. */
const MISSED_POLLS = 3;
/** How long a taken-over connection may take to come back. */
const TAKEOVER_MS = 10_000;

/**
 * Which devices are reached at present, and how. Only in memory: after a restart all are offline until they connect.
 */
export interface Presence {
  connected(device: string): void;
  /** `replaced`: the same client connected anew; the device does not go offline in between. */
  disconnected(device: string, replaced: boolean): void;
  /** The device made an HTTP request; it stays online for a few poll intervals. */
  heard(device: string): void;
  /** The device waits in a long request; it is online until the returned function is called, and a little longer. */
  waiting(device: string): () => void;
  /** Calls `listener` with a device that came, went, or is reached another way. */
  onPresence(listener: (device: string) => void): () => void;
  start(): void;
  stop(): void;
}

interface Parts {
  roster: Roster;
  clock: Clock;
  /** Called when a device was heard of, for the time of last contact. */
  seen: (device: Device) => void;
  pollMs?: number | undefined;
}

/** Presence from connections (MQTT) and from the time of the last request (HTTP). */
export function createPresence({ roster, clock, seen, pollMs = DEFAULT_POLL_MS }: Parts): Presence {
  const graceMs = pollMs * MISSED_POLLS;
  const connections = new Map<string, number>();
  const waits = new Map<string, number>();
  /** Deadlines on the monotonic clock; all are set the same time ahead, so they stand in order. */
  const polling = new Map<string, number>();
  const takenOver = new Map<string, number>();
  const listeners = new Set<(device: string) => void>();
  let cancel: (() => void) | undefined;

  function reachedBy(id: string): Device['transport'] {
    if ((connections.get(id) ?? 0) > 0 || takenOver.has(id)) return 'mqtt';
    return waits.has(id) || polling.has(id) ? 'http' : null;
  }

  function update(id: string): void {
    const device = roster.get(id);
    if (!device) return;
    const transport = reachedBy(id);
    if (device.transport === transport) return;
    device.transport = transport;
    const online = transport !== null;
    if (device.online !== online) device.since = new Date(clock.now()).toISOString();
    device.online = online;
    for (const listener of [...listeners]) listener(id);
  }

  function touch(id: string): void {
    const device = roster.get(id);
    if (device) seen(device);
    update(id);
  }

  function later(deadlines: Map<string, number>, id: string, ms: number): void {
    deadlines.delete(id);
    deadlines.set(id, clock.monotonic() + ms);
  }

  function sweep(): void {
    for (const deadlines of [polling, takenOver]) {
      for (const [id, deadline] of deadlines) {
        if (deadline > clock.monotonic()) break;
        deadlines.delete(id);
        update(id);
      }
    }
    cancel = clock.after(Math.min(graceMs, TAKEOVER_MS) / 4, sweep);
  }

  return {
    connected(id) {
      count(connections, id, 1);
      takenOver.delete(id);
      touch(id);
    },
    disconnected(id, replaced) {
      count(connections, id, -1);
      if (replaced && !connections.has(id)) later(takenOver, id, TAKEOVER_MS);
      touch(id);
    },
    heard(id) {
      later(polling, id, graceMs);
      touch(id);
    },
    waiting(id) {
      count(waits, id, 1);
      touch(id);
      return () => {
        count(waits, id, -1);
        later(polling, id, graceMs);
        touch(id);
      };
    },
    onPresence(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: sweep,
    stop: () => cancel?.(),
  };
}

/** Adds to a count that is kept only while it is not 0. */
function count(counts: Map<string, number>, id: string, by: number): void {
  const next = (counts.get(id) ?? 0) + by;
  if (next > 0) counts.set(id, next);
  else counts.delete(id);
}
