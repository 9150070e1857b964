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
          pool.relations(asking, kind).some((relation) => meetingOne(pool, relation).includes(id)),
      ),
  );
}

/** The name of a package and the names it provides. */
export function namesOf(pool: Pool, id: number): string[] {
  const names = new Set([pool.name(id)]);
  for (const relation of pool.relations(id, 'provides'))
    if (relation.kind === 'plain') names.add(relation.name);
  return [...names];
}
