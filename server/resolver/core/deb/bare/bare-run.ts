import type { RelationTable } from './relation-table.ts';

/** What a run on a bare device knows of a version. */
export const Mark = {
  /** It comes. */
  present: 1,
  /** A want needs it and nothing else would do: what it excludes must not come. */
  fixed: 2,
  /** Something fixed excludes it. */
  barred: 4,
  /** It was found again on the way from the wants. */
  reached: 8,
} as const;

/** One run over a table. */
export interface BareRun {
  table: RelationTable;
  /** By version: bits of `Mark`. */
  marks: Uint8Array;
  /** Versions with the mark `present`, in the order in which they came. */
  present: number[];
  barred: number[];
  /** Whether the Recommends of a version are followed. */
  follow(version: number): boolean;
  /** The need that was looked at last: how many candidates may come, the first of them, whether one of them is there. */
  seen: { servers: number; first: number; holds: boolean };
}

/** Lends tables of marks that are all zero. */
export interface MarksShelf {
  take(): Uint8Array;
  /** Zero again where the run set something. */
  giveBack(run: BareRun): void;
}

/** `size`: more than the highest number of a version. */
export function createMarksShelf(size: number): MarksShelf {
  const free: Uint8Array[] = [];
  return {
    take: () => free.pop() ?? new Uint8Array(size),
    giveBack({ marks, present, barred }) {
      for (const version of present) marks[version] = 0;
      for (const version of barred) marks[version] = 0;
      free.push(marks);
    },
  };
}
