import { keys, lastPart, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';
import { type Body, bodyOf } from './core/body.ts';

/** The bodies that points refer to, each stored once; one that nothing refers to any more goes with its last point. */
export interface Bodies {
  load(): Promise<void>;
  get(key: string): Body | undefined;
  all(): Iterable<Body>;
  /** Counts a reference from a point that was loaded. */
  refer(key: string): void;
  /**
   * The operations that belong into the batch with points that come to refer to `added` and stop to refer to `dropped`,
   * and `apply`, to be called once the batch is durable.
   */
  exchange(
    added: readonly Body[],
    dropped: readonly string[],
  ): { operations: Operation[]; apply(): void };
  /** Removes what no loaded point refers to; returns how many. */
  collect(): Promise<number>;
}

/** Bodies over the store, held in memory. */
export function createBodies(store: Store): Bodies {
  const bodies = new Map<string, Body>();
  const references = new Map<string, number>();
  const count = (key: string): number => references.get(key) ?? 0;
  const setCount = (key: string, value: number): void => {
    if (value > 0) references.set(key, value);
    else {
      references.delete(key);
      bodies.delete(key);
    }
  };

  return {
    async load() {
      for await (const { key, value } of store.range(prefixRange(prefixes.body)))
        bodies.set(lastPart(key), bodyOf(value));
    },
    get: (key) => bodies.get(key),
    all: () => bodies.values(),
    refer: (key) => setCount(key, count(key) + 1),
    exchange(added, dropped) {
      const fresh = new Map(added.map((body) => [body.key, body]));
      const deltas = new Map<string, number>();
      for (const { key } of added) deltas.set(key, (deltas.get(key) ?? 0) + 1);
      for (const key of dropped) deltas.set(key, (deltas.get(key) ?? 0) - 1);
      const operations = [...deltas].flatMap(([key, delta]) =>
        operationFor(key, count(key), count(key) + delta, fresh.get(key)),
      );
      const apply = (): void => {
        for (const [key, body] of fresh) if (!bodies.has(key)) bodies.set(key, body);
        for (const [key, delta] of deltas) setCount(key, count(key) + delta);
      };
      return { operations, apply };
    },
    async collect() {
      const unused = [...bodies.keys()].filter((key) => count(key) === 0);
      if (unused.length > 0) await store.batch(unused.map((key) => ({ delete: keys.body(key) })));
      for (const key of unused) bodies.delete(key);
      return unused.length;
    },
  };
}

function operationFor(
  key: string,
  before: number,
  after: number,
  body: Body | undefined,
): Operation[] {
  if (before === 0 && after > 0 && body) return [{ put: keys.body(key), value: body.text }];
  return before > 0 && after === 0 ? [{ delete: keys.body(key) }] : [];
}
