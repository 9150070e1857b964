import { keys, lastPart, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';

/**
 * The lines of packages that locks consist of, each stored once under a number. A number never comes to mean another line.
 * Memory holds all lines that stored locks name, and at most as many again that none names any more.
 */
export interface LockLines {
  load(): Promise<void>;
  size(): number;
  /** The numbers of lines, in their order; a line without one gets it. */
  numbersOf(lines: readonly string[]): number[];
  /** Undefined if a number is not known. */
  linesOf(numbers: readonly number[]): string[] | undefined;
  /**
   * What writes the lines that are not on disk: it belongs before the locks in the first batch that names them. `failed`
   * has to be called if the batch was not written, and the next batch must not be made before.
   */
  unwritten(): { operations: Operation[]; failed(): void };
  /** Forgets all lines but these, and gives the keys that are to be removed. */
  forgetBut(named: ReadonlySet<number>): string[];
}

export function createLockLines(store: Store): LockLines {
  const numbers = new Map<string, number>();
  const lines = new Map<number, string>();
  let last = 0;
  let fresh: number[] = [];

  const add = (number: number, line: string): void => {
    numbers.set(line, number);
    lines.set(number, line);
    if (number > last) last = number;
  };
  const numberOf = (line: string): number => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    add(last + 1, line);
    fresh.push(last);
    return last;
  };

  return {
    async load() {
      for await (const { key, value } of store.range(prefixRange(prefixes.lockLine)))
        add(Number(lastPart(key)), value);
    },
    size: () => lines.size,
    numbersOf: (some) => some.map(numberOf),
    linesOf(some) {
      const found: string[] = [];
      for (const number of some) {
        const line = lines.get(number);
        if (line === undefined) return undefined;
        found.push(line);
      }
      return found;
    },
    unwritten() {
      const taken = fresh;
      fresh = [];
      const operations = taken.flatMap((number): Operation[] => {
        const value = lines.get(number);
        return value === undefined ? [] : [{ put: keys.lockLine(number), value }];
      });
      return {
        operations,
        failed() {
          fresh = [...taken, ...fresh];
        },
      };
    },
    forgetBut(named) {
      const removed: string[] = [];
      for (const [number, line] of lines) {
        // The highest number stays taken, so that no number is given again after a restart.
        if (named.has(number) || number === last) continue;
        lines.delete(number);
        if (numbers.get(line) === number) numbers.delete(line);
        removed.push(keys.lockLine(number));
      }
      return removed;
    },
  };
}
