/** In so many looks of the timer the content of every file is read once. */
export const LOOKS_FOR_ALL = 20;

/** Which files are read in a look: those that begin in a part of all bytes. */
export interface Share {
  /** Whether the next file, of so many bytes, is read. Each file is asked for once, always in the same order. */
  take(size: number): boolean;
  /** How far it has come, and how many bytes there are. */
  end(): { read: number; total: number };
}

/** The part of the bytes that comes after what was read before; `null`: all of it. */
export function createShare(before: { read: number; total: number } | null): Share {
  const from = before?.read ?? 0;
  const to =
    before === null
      ? Number.POSITIVE_INFINITY
      : from + Math.max(1, Math.ceil(before.total / LOOKS_FOR_ALL));
  let total = 0;
  return {
    take(size) {
      const start = total;
      total += size;
      return start >= from && start < to;
    },
    end: () => ({ read: to >= total ? 0 : to, total }),
  };
}
