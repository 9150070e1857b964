import type { Decision } from '../search/agenda.ts';
import type { SearchState } from '../search/state.ts';

/** Decisions with what else would have been worth trying. */
export interface Branches {
  /** Notes a decision that is about to be made on top of `level`. */
  open(level: number, others: readonly number[]): void;
  /** The search went back: later decisions are forgotten. */
  wentBack(): void;
  /** A decision to make again: one of the others holds by now anyway. Null if there is none. */
  better(): Decision | null;
}

interface Branch {
  level: number;
  others: number[];
}

export function createBranches(state: SearchState): Branches {
  const branches: Branch[] = [];
  /** The one whose decision is being made again: the search goes back to it, not past it. */
  let taken: Branch | null = null;
  return {
    open: (level, others) => void branches.push({ level, others: [...others] }),
    wentBack: () => {
      for (let last = branches.at(-1); last !== undefined; last = branches.at(-1)) {
        if (last === taken || last.level < state.starts.length) break;
        branches.pop();
      }
      taken = null;
    },
    better: () => {
      for (const branch of branches) {
        const at = branch.others.findLastIndex(
          (id) => state.values[id] === 1 && (state.levels[id] ?? 0) > branch.level,
        );
        const literal = branch.others[at];
        const clause = state.served[branch.level];
        if (literal === undefined || clause === undefined) continue;
        branch.others.splice(at, 1);
        taken = branch;
        return { literal, clause, level: branch.level };
      }
      return null;
    },
  };
}
