import type { Pool } from './pool.ts';

/** `name version`, with the architecture where it is not the native one. */
export function shown(pool: Pool, id: number): string {
  const rank = pool.archRank(id) ?? 2;
  const name = pool.name(id).startsWith('@') ? `the group ${pool.name(id)}` : pool.name(id);
  if (pool.name(id).startsWith('@')) return name;
  return `${name}${rank > 1 ? `.${pool.arch(id)}` : ''} ${pool.version(id)}`;
}

const MANY = 4;

/** `a 1 or b 2`, cut after a few. */
export function shownList(pool: Pool, ids: readonly number[], word: 'or' | 'and'): string {
  const names = ids.slice(0, MANY).map((id) => shown(pool, id));
  if (ids.length > MANY) names.push(`${ids.length - MANY} others`);
  return names.join(` ${word} `);
}
