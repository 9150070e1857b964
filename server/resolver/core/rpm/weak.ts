import type { Pool } from './pool.ts';
import type { Relation } from './relation.ts';

/** Whether the packages that hold meet the relation. */
export function isMet(pool: Pool, relation: Relation, holds: (id: number) => boolean): boolean {
  if (relation.kind === 'plain') return pool.providers(relation).some(holds);
  const left = (): boolean => isMet(pool, relation.left, holds);
  const right = (): boolean => isMet(pool, relation.right, holds);
  const otherwise = (): boolean | null =>
    relation.otherwise === null ? null : isMet(pool, relation.otherwise, holds);
  switch (relation.operator) {
    case 'and':
      return left() && right();
    case 'or':
      return left() || right();
    case 'if':
      return right() ? left() : (otherwise() ?? true);
    case 'unless':
      return right() ? (otherwise() ?? false) : left();
    case 'with':
    case 'without':
      return meetingOne(pool, relation).some(holds);
  }
}

/** Packages that meet the relation each alone. */
export function meetingOne(pool: Pool, relation: Relation): readonly number[] {
  if (relation.kind === 'plain') return pool.providers(relation);
  const left = meetingOne(pool, relation.left);
  const right = new Set(meetingOne(pool, relation.right));
  if (relation.operator === 'with') return left.filter((id) => right.has(id));
  if (relation.operator === 'without') return left.filter((id) => !right.has(id));
  return [...new Set([...left, ...right])].sort((a, b) => a - b);
}

/** Whether something that holds recommends the package, or the package supplements what holds. */
export function isWeaklyWanted(pool: Pool, id: number, holds: (id: number) => boolean): boolean {
  return (
    isAskedFor(pool, id, 'recommends', holds) ||
    pool.relations(id, 'supplements').some((relation) => isMet(pool, relation, holds))
  );
}

/** The same for what is only a hint. */
export function isSuggested(pool: Pool, id: number, holds: (id: number) => boolean): boolean {
  return (
    isAskedFor(pool, id, 'suggests', holds) ||
    pool.relations(id, 'enhances').some((relation) => isMet(pool, relation, holds))
  );
}

/** Whether something that holds recommends or suggests the package. */
export function isAskedFor(
  pool: Pool,
  id: number,
  kind: 'recommends' | 'suggests',
  holds: (id: number) => boolean,
): boolean {
  return namesOf(pool, id).some((name) =>
    pool
      .mentioning(kind, name)
      .some(
        (asking) =>
          holds(asking) &&
          pool.relations(asking, kind).some((relation) => isMetBy(pool, relation, id)),
      ),
  );
}

/** The name of a package and the names it provides. */
export function namesOf(pool: Pool, id: number): readonly string[] {
  let names = pool.worked.names.get(id);
  if (names === undefined) {
    const found = new Set([pool.name(id)]);
    for (const relation of pool.relations(id, 'provides'))
      if (relation.kind === 'plain') found.add(relation.name);
    names = [...found];
    pool.worked.names.set(id, names);
  }
  return names;
}

/** Whether the package alone meets the relation. */
export function isMetBy(pool: Pool, relation: Relation, id: number): boolean {
  if (relation.kind === 'plain') return hasSorted(pool.providers(relation), id);
  const isLeft = isMetBy(pool, relation.left, id);
  if (relation.operator === 'with') return isLeft && isMetBy(pool, relation.right, id);
  if (relation.operator === 'without') return isLeft && !isMetBy(pool, relation.right, id);
  return isLeft || isMetBy(pool, relation.right, id);
}

function hasSorted(ids: readonly number[], id: number): boolean {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ids[middle] ?? 0) < id) from = middle + 1;
    else to = middle;
  }
  return ids[from] === id;
}
