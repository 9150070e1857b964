import type { RelationKind, Universe } from '../../resolver/core/universe.ts';

const KINDS: readonly RelationKind[] = ['preDepends', 'depends', 'recommends', 'supplements'];
/** A path by itself, or within a rich dependency: `(/usr/bin/a if b)`. */
const PATH = /(?:^|[\s(])(\/[^\s()]+)/g;
/** More paths than any repository asks for; what lies beyond is not looked up. */
const MOST_PATHS = 10_000;

/** The paths that packages of an index require and none of them lists, sorted. */
export function unownedPaths(universe: Universe): string[] {
  const texts = new Set<number>();
  for (let index = 0; index < universe.count; index += 1)
    for (const kind of KINDS) texts.add(universe.relation(index, kind));
  const paths = new Set<string>();
  for (const id of texts) {
    const text = universe.text(id);
    if (!text.includes('/')) continue;
    for (const [, path = ''] of text.matchAll(PATH)) {
      if (paths.size >= MOST_PATHS) break;
      if (universe.owners(path).length === 0) paths.add(path);
    }
  }
  return [...paths].sort();
}
