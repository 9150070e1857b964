/** Tables by package number that runs use one after the other, so that a run costs what it touches. */
export interface Scratch {
  installed: Int32Array;
  /** The candidate plus one where the run changed it, else 0. */
  candidates: Int32Array;
  modes: Uint8Array;
  /** Bit 0: protected; bits 1 and 2: the run said automatic, or manual. */
  flags: Uint8Array;
  /** By version: bits of `VersionState`. */
  states: Uint8Array;
  /** Versions with a state; each at least once. */
  marked: number[];
  /** Packages with anything in these tables; each once. */
  touched: number[];
  isTouched: Uint8Array;
}

/** What a run knows of a version: it will be there; what the pool says of its package does not hold any more. */
export const VersionState = { present: 1, odd: 2 } as const;

/** Lends tables that are all zero. What comes back is zero again where it was touched. */
export interface ScratchShelf {
  take(): Scratch;
  giveBack(scratch: Scratch): void;
}

/** `size`: more than the highest number of a package and of a version. */
export function createScratchShelf(size: number): ScratchShelf {
  const free: Scratch[] = [];
  return {
    take: () => free.pop() ?? createScratch(size),
    giveBack(scratch) {
      for (const pkg of scratch.touched) {
        scratch.installed[pkg] = 0;
        scratch.candidates[pkg] = 0;
        scratch.modes[pkg] = 0;
        scratch.flags[pkg] = 0;
        scratch.isTouched[pkg] = 0;
      }
      for (const version of scratch.marked) scratch.states[version] = 0;
      scratch.marked = [];
      scratch.touched = [];
      free.push(scratch);
    },
  };
}

function createScratch(size: number): Scratch {
  return {
    installed: new Int32Array(size),
    candidates: new Int32Array(size),
    modes: new Uint8Array(size),
    flags: new Uint8Array(size),
    states: new Uint8Array(size),
    marked: [],
    touched: [],
    isTouched: new Uint8Array(size),
  };
}
