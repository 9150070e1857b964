import { keys, lastPart, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';
import type { Bodies } from './bodies.ts';
import type { Body } from './core/body.ts';
import type { FormerPoint, StoredPoint } from './core/point.ts';

/** A point that takes the place of another. `point` null: the device is gone. */
export interface PointChange {
  device: string;
  before: StoredPoint | null;
  point: StoredPoint | null;
  /** The body that `point` refers to, where it is not the one of `before`. */
  body?: Body;
}

/** The durable points of all devices. */
export interface Points {
  /** All points and what is left of removed devices'; their bodies must be loaded. */
  load(): Promise<Map<string, StoredPoint>>;
  /** Of a device that was removed and has no point since. */
  former(device: string): FormerPoint | undefined;
  /**
   * Decides and writes, one after the other: `decide` sees everything that was written before. All its changes are one
   * batch; when it is durable, `applied` is called with them.
   */
  write(
    decide: () => readonly PointChange[],
    applied: (changes: readonly PointChange[]) => void,
  ): Promise<void>;
}

type Stored = StoredPoint | (FormerPoint & { removed: true });

/** Points over the store. */
export function createPoints({ store, bodies }: { store: Store; bodies: Bodies }): Points {
  const former = new Map<string, FormerPoint>();
  let last: Promise<unknown> = Promise.resolve();

  const write: Points['write'] = async (decide, applied) => {
    const changes = decide();
    if (changes.length === 0) return;
    const exchange = bodies.exchange(
      changes.flatMap(({ body }) => body ?? []),
      changes.flatMap((change) => droppedBody(change) ?? []),
    );
    await store.batch([...exchange.operations, ...changes.map(operationOf)]);
    exchange.apply();
    for (const { device, before, point } of changes) {
      if (point) former.delete(device);
      else if (before) former.set(device, formerOf(before));
    }
    applied(changes);
  };

  return {
    async load() {
      const points = new Map<string, StoredPoint>();
      const shared = new Map<string, string>();
      for await (const { key, value } of store.range(prefixRange(prefixes.desired))) {
        const stored = JSON.parse(value) as Stored;
        if ('removed' in stored) former.set(lastPart(key), formerOf(stored));
        else {
          bodies.refer(stored.body);
          points.set(lastPart(key), shareTexts(stored, shared));
        }
      }
      return points;
    },
    former: (device) => former.get(device),
    write(decide, applied) {
      const done = last.then(() => write(decide, applied));
      last = done.catch(() => {});
      return done;
    },
  };
}

/** Keeps the long texts that thousands of points have in common once. */
function shareTexts(point: StoredPoint, shared: Map<string, string>): StoredPoint {
  const share = (text: string): string => {
    const known = shared.get(text);
    if (known === undefined) shared.set(text, text);
    return known ?? text;
  };
  return {
    ...point,
    epoch: share(point.epoch),
    digest: share(point.digest),
    body: share(point.body),
  };
}

function droppedBody({ before, point, body }: PointChange): string | null {
  return before && (point === null || body) ? before.body : null;
}

function operationOf({ device, before, point }: PointChange): Operation {
  if (point) return { put: keys.desired(device), value: JSON.stringify(point) };
  if (!before) return { delete: keys.desired(device) };
  const removed: Stored = { removed: true, ...formerOf(before) };
  return { put: keys.desired(device), value: JSON.stringify(removed) };
}

function formerOf({ epoch, revision, after }: FormerPoint): FormerPoint {
  return { epoch, revision, after };
}
