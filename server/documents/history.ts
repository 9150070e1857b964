import { type Kind, kinds } from '../../proto/document.ts';
import type { GenerationView, RevisionView } from '../../proto/document-views.ts';
import { keys, prefixes } from '../store/keys.ts';
import { prefixRange, type Range, type Store } from '../store/store.ts';
import type { Changes, ChangesOf } from './changes.ts';

/** What the configuration was. All lists are newest first, below `before` (exclusive). */
export interface History {
  revisions<K extends Kind>(
    kind: K,
    id: string,
    page: { before?: number; limit: number },
  ): Promise<RevisionView<K>[]>;
  revision<K extends Kind>(
    kind: K,
    id: string,
    revision: number,
  ): Promise<RevisionView<K> | undefined>;
  generations(page: { before?: number; limit: number }): Promise<GenerationView[]>;
  generation(generation: number): Promise<GenerationView | undefined>;
  /** The documents that changed after a generation, each as it was then; null: it did not exist. */
  asOf(generation: number): Promise<Changes>;
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

  /** The document as of a generation: what its last revision up to then says. */
  const documentAsOf = async <K extends Kind>(kind: K, id: string, generation: number) => {
    const range = { ...prefixRange(keys.revisions(kind, id)), reverse: true };
    for await (const { value } of store.range(range)) {
      const revision = JSON.parse(value) as RevisionView<K>;
      if (revision.generation <= generation) return revision.document;
    }
    return null;
  };

  /** The ids of each kind that changed after a generation. */
  const changedSince = async (generation: number): Promise<Record<Kind, Set<string>>> => {
    const { lt } = prefixRange(prefixes.generation);
    const ids = { Spec: new Set<string>(), Source: new Set<string>() };
    const later = { gt: keys.generation(generation), ...(lt !== undefined && { lt }) };
    for await (const { value } of store.range(later))
      for (const { kind, id } of (JSON.parse(value) as GenerationView).changes) ids[kind].add(id);
    return ids;
  };

  return {
    revisions: (kind, id, { before, limit }) =>
      read({
        ...prefixRange(keys.revisions(kind, id)),
        ...(before !== undefined && { lt: keys.revision(kind, id, before) }),
        reverse: true,
        limit,
      }),
    revision: (kind, id, revision) => one(keys.revision(kind, id, revision)),
    generations: ({ before, limit }) =>
      read({
        ...prefixRange(prefixes.generation),
        ...(before !== undefined && { lt: keys.generation(before) }),
        reverse: true,
        limit,
      }),
    generation: (generation) => one(keys.generation(generation)),
    async asOf(generation) {
      const changed = await changedSince(generation);
      const then: Record<Kind, Map<string, unknown>> = { Spec: new Map(), Source: new Map() };
      for (const kind of kinds)
        for (const id of [...changed[kind]].sort())
          then[kind].set(id, await documentAsOf(kind, id, generation));
      return then as { [K in Kind]: ChangesOf<K> };
    },
  };
}
