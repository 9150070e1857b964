import { copyState, type DiskState } from './disk-state.ts';

/** A change that is lost or kept as a whole; `torn` is what may be kept of it instead. */
export interface Mutation {
  /** What makes it durable: a sync of one of these inodes, of its entries or of its data. */
  keys: readonly string[];
  /** Names in directories that it gives or takes: of changes to one name none is kept without those before it. */
  names?: readonly string[];
  apply(state: DiskState): void;
  torn?(state: DiskState): void;
}

/** What happened on a disk, in order. */
export type DiskEvent = { mutation: Mutation } | { sync: string };

/** What stands on the disk for sure, and what may or may not, in the order in which it was asked for. */
interface Cut {
  durable: DiskState;
  open: readonly Mutation[];
}

function cutAfter(start: DiskState, events: readonly DiskEvent[]): Cut {
  const durable = copyState(start);
  let open: Mutation[] = [];
  for (const event of events) {
    if ('mutation' in event) open.push(event.mutation);
    else {
      for (const mutation of open) if (mutation.keys.includes(event.sync)) mutation.apply(durable);
      open = open.filter(({ keys }) => !keys.includes(event.sync));
    }
  }
  return { durable, open };
}

/**
 * States that a power cut after these events can leave: nothing of what was not synced, all of it, all but one, only one,
 * the last one torn, and `more` random choices. Changes may be lost in any order, but for those
 * of one name.
 */
export function crashStates(
  start: DiskState,
  events: readonly DiskEvent[],
  random: () => number,
  more: number,
): DiskState[] {
  const { durable, open } = cutAfter(start, events);
  const keep = (choose: (index: number) => boolean): DiskState => {
    const state = copyState(durable);
    const lost = new Set<string>();
    for (const [index, mutation] of open.entries()) {
      const names = mutation.names ?? [];
      if (choose(index) && !names.some((name) => lost.has(name))) mutation.apply(state);
      else for (const name of names) lost.add(name);
    }
    return state;
  };
  const states = [keep(() => false), keep(() => true)];
  const last = open.length - 1;
  for (const at of new Set([0, last, Math.floor(random() * open.length)])) {
    if (open.length < 2) break;
    states.push(
      keep((index) => index !== at),
      keep((index) => index === at),
    );
  }
  for (let n = 0; n < more && open.length > 2; n += 1) states.push(keep(() => random() < 0.5));
  const torn = open.at(-1)?.torn;
  if (torn) {
    const state = keep((index) => index !== last);
    torn(state);
    states.push(state);
  }
  return states;
}
