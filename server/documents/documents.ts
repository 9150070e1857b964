import type { Clock } from '../../proto/clock.ts';
import { type Kind, kinds } from '../../proto/document.ts';
import type { GenerationView } from '../../proto/document-views.ts';
import { keys, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';
import { type Changes, changesOf, type Present } from './changes.ts';
import {
  type Authorship,
  createDocumentSet,
  type DocumentSet,
  type OpenDocumentSet,
  type Sources,
  type Specs,
} from './document-set.ts';

/** All documents, and the number of the present state of the configuration that they make up. */
export interface Documents extends Present {
  readonly specs: Specs;
  readonly sources: Sources;
  start(): Promise<void>;
  of<K extends Kind>(kind: K): DocumentSet<K>;
  /** 0 before the first change. */
  generation(): number;
  /**
   * Writes changes as one generation, in one batch with `further` operations, and returns what was recorded. A document
   * that is deleted and made again goes on with its revisions. Throws StaleError if another writer was faster; then
   * nothing is changed.
   */
  commit(changes: Changes, by: Authorship, further?: Further): Promise<GenerationView>;
}

/** What else belongs to a batch; `take` follows once it is durable, before anybody is told. */
export interface Further {
  operations: readonly Operation[];
  take(): void;
}

const nothing: Further = { operations: [], take: () => {} };

/** Documents over the store. */
export function createDocuments({ store, clock }: { store: Store; clock: Clock }): Documents {
  let generation = 0;
  const open: { readonly [K in Kind]: OpenDocumentSet<K> } = {
    Spec: createDocumentSet('Spec', store),
    Source: createDocumentSet('Source', store),
  };
  const opened = <K extends Kind>(kind: K): DocumentSet<K> => ({
    ...open[kind],
    commit: (changes, by) => commit(changesOf(kind, changes), by),
  });
  const sets: { readonly [K in Kind]: DocumentSet<K> } = {
    Spec: opened('Spec'),
    Source: opened('Source'),
  };

  async function commit(
    changes: Changes,
    { author, message }: Authorship,
    further: Further = nothing,
  ): Promise<GenerationView> {
    const at = new Date(clock.now()).toISOString();
    const record = { generation: generation + 1, at, author, message };
    const prepared = [
      await open.Spec.prepare(changes.Spec, record),
      await open.Source.prepare(changes.Source, record),
    ];
    const view = { ...record, changes: prepared.flatMap((one) => one.changes) };
    const key = keys.generation(view.generation);
    const operations = prepared.flatMap((one) => one.operations);
    const put = { put: key, value: JSON.stringify(view) };
    await store.batch([...operations, ...further.operations, put], [{ key, revision: 0 }]);
    generation = view.generation;
    for (const one of [...prepared, further]) one.take();
    for (const one of prepared) one.tell();
    return view;
  }

  return {
    specs: sets.Spec,
    sources: sets.Source,
    of: (kind) => sets[kind],
    view: (kind, id) => sets[kind].get(id),
    generation: () => generation,
    commit,
    async start() {
      for (const kind of kinds) await open[kind].load();
      const last = { ...prefixRange(prefixes.generation), reverse: true, limit: 1 };
      for await (const { value } of store.range(last))
        generation = (JSON.parse(value) as GenerationView).generation;
    },
  };
}
