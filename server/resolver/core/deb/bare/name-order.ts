import type { View } from '../../view.ts';

/** Sorts versions by name, then architecture, as code units stand: gives their places in the list, in that order. */
export type NameOrder = (versions: readonly number[]) => number[];

/** More than a list has places. A rank times this and a place make a whole number that a double holds exactly. */
const PLACES = 2 ** 21;

/** For a view. All its versions are ranked once, at the first call; then numbers are sorted and no texts. */
export function createNameOrder(view: View): NameOrder {
  let ranks: Int32Array | null = null;
  return (versions) => {
    ranks ??= rankAll(view);
    const keys = new Float64Array(versions.length);
    for (let place = 0; place < versions.length; place += 1)
      keys[place] = (ranks[versions[place] as number] as number) * PLACES + place;
    return Array.from(keys.sort(), (key) => key % PLACES);
  };
}

function rankAll(view: View): Int32Array {
  const native = view.archs[0] ?? '';
  const ids = Array.from({ length: view.count }, (_, place) => place + 1);
  const universes = view.sources.flatMap((source) => source.universes);
  const names = ['', ...universes.flatMap((universe) => universe.names())];
  const archOf = (id: number): string => {
    const arch = view.arch(id);
    return arch === 'all' ? native : arch;
  };
  // An index is sorted already, or nearly: then this sort hardly compares more than neighbours.
  ids.sort(
    (a, b) =>
      compareTexts(names[a] as string, names[b] as string) ||
      compareTexts(archOf(a), archOf(b)) ||
      a - b,
  );
  const ranks = new Int32Array(view.count + 1);
  for (const [rank, id] of ids.entries()) ranks[id] = rank;
  return ranks;
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
