import type { SharedText } from '../resolver/core/view-package.ts';
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
  numbersOf(lines: readonly SharedText[]): number[];
  /** Undefined if a number is not known. */
  linesOf(numbers: readonly number[]): { text: string }[] | undefined;
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
  let era = {};
  let fresh: number[] = [];

  const add = (number: number, line: string): void => {
    numbers.set(line, number);
    lines.set(number, line);
    if (number > last) last = number;
  };
  const numberOfText = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    add(last + 1, text);
    fresh.push(last);
    return last;
  };
  /** Looking a long text up is dear: it is done once per object, until lines are forgotten. */
  const numberOf = (line: SharedText): number => {
    if (line.numberedBy === era) return line.number;
    line.number = numberOfText(line.text);
    line.numberedBy = era;
    return line.number;
  };

  return {
    async load() {
      for await (const { key, value } of store.range(prefixRange(prefixes.lockLine)))
        add(Number(lastPart(key)), value);
    },
    size: () => lines.size,
    numbersOf: (some) => some.map(numberOf),
    linesOf(some) {
      const found: { text: string }[] = [];
      for (const number of some) {
        const text = lines.get(number);
        if (text === undefined) return undefined;
        found.push({ text });
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
      era = {};
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
