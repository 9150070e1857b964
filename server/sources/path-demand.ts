import type { Universe } from '../resolver/core/universe.ts';
import type { Catalogue, SourceDocuments } from './catalogue.ts';
import { unownedPaths } from './core/required-paths.ts';
import type { Kinds } from './kinds.ts';

export interface PathDemandParts {
  catalogue: Pick<Catalogue, 'indexesOf' | 'onChange' | 'needPaths'>;
  documents: Pick<SourceDocuments, 'all'>;
  kinds: Kinds;
}

/**
 * Asks for files that packages require by path and that no index lists at first (rpm: beyond primary.xml). They may be in
 * any source, so all whose kind has lists of files are asked, each once for a path.
 */
export function followPathDemand({ catalogue, documents, kinds }: PathDemandParts): () => void {
  const known = new WeakMap<Universe, string[]>();

  function pathsOf(universe: Universe): string[] {
    const paths = known.get(universe) ?? unownedPaths(universe);
    known.set(universe, paths);
    return paths;
  }

  return catalogue.onChange(() => {
    const ids = [...documents.all()]
      .filter(({ type }) => kinds.get(type)?.provides)
      .map(({ id }) => id);
    const universes = ids.flatMap((id) => catalogue.indexesOf(id).map(({ universe }) => universe));
    const paths = new Set(universes.flatMap(pathsOf));
    if (paths.size > 0) void catalogue.needPaths(ids, paths);
  });
}
