import type { TextTable } from './text-table.ts';
import {
  type Family,
  type MultiArch,
  multiArchs,
  type PackagePriority,
  packagePriorities,
  relationKinds,
} from './universe.ts';

/** Columns of a package that hold a text id. */
export const textColumns = [
  'name',
  'version',
  'arch',
  ...relationKinds,
  'section',
  'sourcePackage',
  'location',
  'checksum',
  'summary',
] as const;
export type TextColumn = (typeof textColumns)[number];

/** The tables of a universe, as they are kept in memory and in a snapshot. */
export interface UniverseColumns {
  family: Family;
  texts: TextTable;
  /** A text id per package. */
  ids: Record<TextColumn, Int32Array>;
  flags: Int32Array;
  /** deb: text ids of names, in the order of their first mention. */
  mentions: Int32Array;
  sizes: Float64Array;
  installedSizes: Float64Array;
  files: IdLists;
  /** `providedNames[k]` is the text id of a provided name, list `k` of `providers` its packages. */
  providedNames: Int32Array;
  providers: IdLists;
}

/** Lists of numbers: list `k` lies in `values` between `starts[k]` and `starts[k + 1]`. */
export interface IdLists {
  starts: Int32Array;
  values: Int32Array;
}

/** One list. */
export function listOf(lists: IdLists, key: number): Int32Array {
  return lists.values.subarray(lists.starts[key] ?? 0, lists.starts[key + 1] ?? 0);
}

/** The same as an array of its own. A loop: views ask for tens of thousands of these. */
export function numbersOf({ starts, values }: IdLists, key: number): number[] {
  const numbers: number[] = [];
  const end = starts[key + 1] ?? 0;
  for (let at = starts[key] ?? 0; at < end; at += 1) numbers.push(values[at] as number);
  return numbers;
}

/** Puts lists one after the other. */
export function toIdLists(lists: readonly (readonly number[])[]): IdLists {
  const starts = new Int32Array(lists.length + 1);
  let total = 0;
  for (const [key, list] of lists.entries()) {
    starts[key] = total;
    total += list.length;
  }
  starts[lists.length] = total;
  const values = new Int32Array(total);
  let at = 0;
  for (const list of lists) {
    values.set(list, at);
    at += list.length;
  }
  return { starts, values };
}

const ESSENTIAL = 4;
const PROTECTED = 8;
const PRIORITY_SHIFT = 4;

/** Bits 0 and 1 say Multi-Arch, 2 essential, 3 protected, 4 to 6 the priority. */
export function packFlags(facts: {
  multiArch: MultiArch;
  essential: boolean;
  protected: boolean;
  priority: PackagePriority;
}): number {
  return (
    multiArchs.indexOf(facts.multiArch) |
    (facts.essential ? ESSENTIAL : 0) |
    (facts.protected ? PROTECTED : 0) |
    (packagePriorities.indexOf(facts.priority) << PRIORITY_SHIFT)
  );
}

export const flagOf = {
  multiArch: (flags: number): MultiArch => multiArchs[flags & 3] ?? 'no',
  essential: (flags: number): boolean => (flags & ESSENTIAL) !== 0,
  protected: (flags: number): boolean => (flags & PROTECTED) !== 0,
  priority: (flags: number): PackagePriority =>
    packagePriorities[(flags >> PRIORITY_SHIFT) & 7] ?? 'extra',
} as const;
