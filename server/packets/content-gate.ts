/**
 * Keeps removal of content apart from uploads: content that an upload has just placed, but whose packet is not in the
 * store yet, looks as if nothing referred to it.
 */
export interface ContentGate {
  /** Runs an upload; waits for a removal that is under way. */
  upload<T>(run: () => Promise<T>): Promise<T>;
  /** Runs a removal if no upload (but for `own` of them) is under way; false if one is. */
  remove(run: () => Promise<void>, own?: number): Promise<boolean>;
}

export function createContentGate(): ContentGate {
  let uploads = 0;
  let removal: Promise<void> | null = null;
  return {
    async upload(run) {
      while (removal !== null) await removal;
      uploads += 1;
      try {
        return await run();
      } finally {
        uploads -= 1;
      }
    },
    async remove(run, own = 0) {
      while (removal !== null) await removal;
      if (uploads > own) return false;
      const running = run();
      const ended = () => {
        removal = null;
      };
      removal = running.then(ended, ended);
      await running;
      return true;
    },
  };
}
