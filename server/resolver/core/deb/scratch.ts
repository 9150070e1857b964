/** Tables by package number that runs use one after the other, so that a run costs what it touches. */
export interface Scratch {
  installed: Int32Array;
  /** The candidate plus one where the run changed it, else 0. */
  candidates: Int32Array;
  modes: Uint8Array;
  /** Bit 0: protected; bits 1 and 2: the run said automatic, or manual. */
  flags: Uint8Array;
  /** Packages with anything in these tables; each once. */
  touched: number[];
  isTouched: Uint8Array;
}

/** Lends tables that are all zero. What comes back is zero again where it was touched. */
export interface ScratchShelf {
  take(): Scratch;
  giveBack(scratch: Scratch): void;
}

/** `size`: more than the highest package number. */
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
    touched: [],
    isTouched: new Uint8Array(size),
  };
}
