import type { Pool } from './pool.ts';
import { obsoletes } from './updates.ts';
import { compareForRelation, type Evr } from './version.ts';
import { isSuggested, isWeaklyWanted } from './weak.ts';

/** What a choice may take into account besides the packages themselves. */
export interface Standing {
  favored: ReadonlySet<number>;
  disfavored: ReadonlySet<number>;
  /** Whether a package is in the answer so far. */
  holds: (id: number) => boolean;
}

/**
 * The packages of a list that are worth choosing, the best first: those of the highest priority, of these those of the best
 * architecture, of these the best version of each name, of these what is recommended or supplements; in order: no old
 * versions, the highest version of what all provide, what is suggested, what is installed, then by name.
 */
export function preferred(
  pool: Pool,
  ids: readonly number[],
  standing: Standing,
  order: Order = 'full',
): number[] {
  if (order === 'only') return ids.length < 2 ? [...ids] : ordered(pool, ids, standing);
  let best = byFavor(ids, standing);
  best = ofHighestPriority(pool, best);
  best = ofBestArch(pool, best);
  best = bestVersions(pool, best);
  if (order === 'bare') return best;
  best = narrowed(best, (id) => isWeaklyWanted(pool, id, standing.holds));
  return best.length < 2 || order === 'unordered' ? best : ordered(pool, best, standing);
}

/**
 * What is done to a list: `full`: it is narrowed and put in order; `unordered`: narrowed; `bare`: narrowed by what the
 * packages themselves are, not by what is chosen already; `only`: put in order.
 */
export type Order = 'full' | 'unordered' | 'bare' | 'only';

/** Those for which the test holds; all if it holds for none. */
export function narrowed(ids: readonly number[], test: (id: number) => boolean): number[] {
  if (ids.length < 2) return [...ids];
  const found = ids.filter(test);
  return found.length > 0 ? found : [...ids];
}

function byFavor(ids: readonly number[], { favored, disfavored }: Standing): number[] {
  const liked = favored.size > 0 ? narrowed(ids, (id) => favored.has(id)) : ids;
  return disfavored.size > 0 ? narrowed(liked, (id) => !disfavored.has(id)) : [...liked];
}

/** What is installed has every priority. */
function ofHighestPriority(pool: Pool, ids: readonly number[]): number[] {
  if (ids.length < 2) return [...ids];
  const highest = ids.reduce((most, id) => Math.max(most, pool.priority(id) ?? most), -Infinity);
  return ids.filter((id) => (pool.priority(id) ?? highest) >= highest);
}

/** What does not depend on the architecture is as good as the best. */
function ofBestArch(pool: Pool, ids: readonly number[]): number[] {
  const ranks = ids.map((id) => pool.archRank(id) ?? Infinity).filter((rank) => rank > 0);
  if (ids.length < 2 || ranks.length === 0) return [...ids];
  const best = Math.min(...ranks);
  return ids.filter((id) => {
    const rank = pool.archRank(id) ?? Infinity;
    return rank === 0 || rank === best;
  });
}

/** One of each name: the highest version, of equal ones the installed. What another of them obsoletes falls out. */
function bestVersions(pool: Pool, ids: readonly number[]): number[] {
  if (ids.length < 2) return [...ids];
  const byName = new Map<string, number>();
  for (const id of ids) {
    const name = pool.name(id);
    const known = byName.get(name);
    if (known === undefined || isBetter(pool, id, known)) byName.set(name, id);
  }
  const best = [...byName.values()];
  const obsoleting = best.filter((id) => pool.relations(id, 'obsoletes').length > 0);
  if (obsoleting.length === 0) return best;
  const left = best.filter(
    (id) => !obsoleting.some((other) => obsoletes(pool, other, id) && !obsoletes(pool, id, other)),
  );
  return left.length > 0 ? left : best;
}

function isBetter(pool: Pool, id: number, than: number): boolean {
  const order = pool.flavour.compare(pool.version(id), pool.version(than));
  return order > 0 || (order === 0 && pool.isInstalled(id) && !pool.isInstalled(than));
}

function ordered(pool: Pool, ids: readonly number[], standing: Standing): number[] {
  const isOld = new Set(ids.filter((id) => hasNewer(pool, id)));
  const shared = sharedVersions(pool, ids);
  const suggested = new Set(ids.filter((id) => isSuggested(pool, id, standing.holds)));
  const compareShared = (a: number, b: number): number => {
    const [left, right] = [shared?.get(a), shared?.get(b)];
    return left === undefined || right === undefined ? 0 : compareForRelation(right, left);
  };
  return [...ids].sort(
    (a, b) =>
      Number(pool.isInstalled(b)) - Number(pool.isInstalled(a)) ||
      Number(suggested.has(b)) - Number(suggested.has(a)) ||
      compareShared(a, b) ||
      Number(isOld.has(a)) - Number(isOld.has(b)) ||
      compareTexts(pool.name(a), pool.name(b)) ||
      a - b,
  );
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the sources have a higher version of the name, with at least the same priority. */
function hasNewer(pool: Pool, id: number): boolean {
  return pool
    .named(pool.name(id))
    .some(
      (other) =>
        other !== id &&
        pool.archRank(other) !== null &&
        pool.flavour.compare(pool.version(other), pool.version(id)) > 0,
    );
}

/** Of the first name that all provide with an exact version: the versions; null if there is none. */
function sharedVersions(pool: Pool, ids: readonly number[]): Map<number, Evr> | null {
  const tables = ids.map((id) => exactProvides(pool, id));
  for (const name of tables[0]?.keys() ?? [])
    if (tables.every((table) => table.has(name)))
      return new Map(ids.map((id, index) => [id, tables[index]?.get(name) as Evr]));
  return null;
}

function exactProvides(pool: Pool, id: number): Map<string, Evr> {
  const table = new Map<string, Evr>();
  for (const relation of pool.relations(id, 'provides'))
    if (relation.kind === 'plain' && relation.comparison === '=' && relation.evr !== null)
      table.set(relation.name, relation.evr);
  return table;
}
