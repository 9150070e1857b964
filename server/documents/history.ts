import type { GenerationView, RevisionView } from '../../proto/api.ts';
import type { Spec } from '../../proto/spec.ts';
import { keys, prefixes } from '../store/keys.ts';
import { prefixRange, type Range, type Store } from '../store/store.ts';

/** What the configuration was. All lists are newest first, below `before` (exclusive). */
export interface History {
  revisions(id: string, page: { before?: number; limit: number }): Promise<RevisionView[]>;
  revision(id: string, revision: number): Promise<RevisionView | undefined>;
  generations(page: { before?: number; limit: number }): Promise<GenerationView[]>;
  generation(generation: number): Promise<GenerationView | undefined>;
  /** The specs that changed after a generation, each as it was then; null: it did not exist. */
  asOf(generation: number): Promise<Map<string, Spec | null>>;
}

export function createHistory(store: Store): History {
  const read = async <Record>(range: Range): Promise<Record[]> => {
    const records: Record[] = [];
    for await (const { value } of store.range(range)) records.push(JSON.parse(value) as Record);
    return records;
  };
  const one = async <Record>(key: string): Promise<Record | undefined> => {
    const entry = await store.get(key);
    return entry && (JSON.parse(entry.value) as Record);
  };

  /** The spec as of a generation: what its last revision up to then says. */
  const specAsOf = async (id: string, generation: number): Promise<Spec | null> => {
    const range = { ...prefixRange(keys.specRevisions(id)), reverse: true };
    for await (const { value } of store.range(range)) {
      const revision = JSON.parse(value) as RevisionView;
      if (revision.generation <= generation) return revision.document;
    }
    return null;
  };

  return {
    revisions: (id, { before, limit }) =>
      read({
        ...prefixRange(keys.specRevisions(id)),
        ...(before !== undefined && { lt: keys.specRevision(id, before) }),
        reverse: true,
        limit,
      }),
    revision: (id, revision) => one(keys.specRevision(id, revision)),
    generations: ({ before, limit }) =>
      read({
        ...prefixRange(prefixes.generation),
        ...(before !== undefined && { lt: keys.generation(before) }),
        reverse: true,
        limit,
      }),
    generation: (generation) => one(keys.generation(generation)),
    async asOf(generation) {
      const { lt } = prefixRange(prefixes.generation);
      const ids = new Set<string>();
      const later = { gt: keys.generation(generation), ...(lt !== undefined && { lt }) };
      for await (const { value } of store.range(later))
        for (const { id } of (JSON.parse(value) as GenerationView).changes) ids.add(id);
      const specs = new Map<string, Spec | null>();
      for (const id of [...ids].sort()) specs.set(id, await specAsOf(id, generation));
      return specs;
    },
  };
}
