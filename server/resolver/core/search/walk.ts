import type { Pending } from './agenda.ts';
import { statusOf } from './pending.ts';
import type { SearchState, StoredClause } from './state.ts';

/** A walk from the roots, depth first, through what is chosen; it goes on where it stood until it is restarted. */
export interface Walk {
  add(stored: StoredClause): void;
  /** The next clause on the way that waits for a decision. */
  next(): Pending | null;
  restart(): void;
}

interface Frame {
  owner: number;
  at: number;
}

export function createWalk(state: SearchState): Walk {
  const clausesBy = new Map<number, StoredClause[]>();
  const visited = new Set<number>();
  let stack: Frame[] = [{ owner: 0, at: 0 }];
  const enter = (variable: number): void => {
    if (variable <= 0 || visited.has(variable)) return;
    visited.add(variable);
    stack.push({ owner: variable, at: 0 });
  };
  const step = (frame: Frame): Pending | null => {
    const stored = clausesBy.get(frame.owner)?.[frame.at];
    if (stored === undefined) {
      stack.pop();
      return null;
    }
    const status = statusOf(state, stored);
    if (status.kind === 'pending') return { stored, possible: status.possible };
    frame.at += 1;
    if (status.kind === 'settled') enter(status.by);
    return null;
  };
  return {
    add: (stored) => {
      const list = clausesBy.get(stored.owner);
      if (list === undefined) clausesBy.set(stored.owner, [stored]);
      else list.push(stored);
    },
    next: () => {
      for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
        const found = step(frame);
        if (found !== null) return found;
      }
      return null;
    },
    restart: () => {
      visited.clear();
      stack = [{ owner: 0, at: 0 }];
    },
  };
}
