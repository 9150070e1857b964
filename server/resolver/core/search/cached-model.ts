import type { Clause, SearchModel } from '../search-model.ts';

/** The same model, which remembers what it said; for several searches in a row. */
export function cachedModel(model: SearchModel): SearchModel {
  const known = new Map<number, readonly Clause[]>();
  return {
    roots: () => model.roots(),
    clausesOf: (variable) => {
      const found = known.get(variable) ?? model.clausesOf(variable);
      known.set(variable, found);
      return found;
    },
  };
}

/** The same model with other roots. */
export function withRoots(model: SearchModel, roots: readonly Clause[]): SearchModel {
  return { roots: () => roots, clausesOf: (variable) => model.clausesOf(variable) };
}
