import type { ChangeKind, GenerationView, RevisionView, SpecView } from '../../proto/api.ts';
import type { Clock } from '../../proto/clock.ts';
import type { Spec } from '../../proto/spec.ts';
import { keys, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';

/** All specs, as they stand in the store; held in memory and kept current. */
export interface Specs {
  start(): Promise<void>;
  get(id: string): SpecView | undefined;
  all(): Iterable<SpecView>;
  /** The number of the present state of the configuration; 0 before the first change. */
  generation(): number;
  /**
   * Writes changes as one generation, in one batch, and returns what was recorded. A document that is deleted and made
   * again goes on with its revisions. Throws StaleError if another writer was faster; then nothing is changed.
   */
  commit(changes: ReadonlyMap<string, Spec | null>, by: Authorship): Promise<GenerationView>;
  /** Calls `listener` with the ids of specs that changed, after it is durable. Returns the function that ends it. */
  onChange(listener: (ids: readonly string[]) => void): () => void;
}

/** Who made a change, and why. `author` is a token's id. */
export interface Authorship {
  author: string;
  message: string | null;
}

/** Specs over the store. */
export function createSpecs({ store, clock }: { store: Store; clock: Clock }): Specs {
  const current = new Map<string, SpecView>();
  const listeners = new Set<(ids: readonly string[]) => void>();
  let generation = 0;

  /** The revision after the last, also of a spec that was deleted. */
  const nextRevision = async (id: string): Promise<number> => {
    const known = current.get(id);
    if (known) return known.revision + 1;
    const range = { ...prefixRange(keys.specRevisions(id)), reverse: true, limit: 1 };
    for await (const { value } of store.range(range))
      return (JSON.parse(value) as RevisionView).revision + 1;
    return 1;
  };

  return {
    async start() {
      for await (const { value } of store.range(prefixRange(prefixes.spec))) {
        const view = JSON.parse(value) as SpecView;
        current.set(view.id, view);
      }
      const last = { ...prefixRange(prefixes.generation), reverse: true, limit: 1 };
      for await (const { value } of store.range(last))
        generation = (JSON.parse(value) as GenerationView).generation;
    },
    get: (id) => current.get(id),
    all: () => current.values(),
    generation: () => generation,
    async commit(changes, { author, message }) {
      const at = new Date(clock.now()).toISOString();
      const record: GenerationView = {
        generation: generation + 1,
        at,
        author,
        message,
        changes: [],
      };
      const operations: Operation[] = [];
      const views = new Map<string, SpecView | null>();
      for (const [id, document] of changes) {
        const revision = await nextRevision(id);
        const view = document && viewOf(document, revision, record);
        views.set(id, view);
        operations.push(
          currentOperation(id, view),
          revisionOperation(id, revision, document, record),
        );
        const change = changeKind(current.has(id), document);
        record.changes.push({ kind: 'Spec', id, revision, change });
      }
      const key = keys.generation(record.generation);
      operations.push({ put: key, value: JSON.stringify(record) });
      await store.batch(operations, [{ key, revision: 0 }]);
      generation = record.generation;
      for (const [id, view] of views) {
        if (view) current.set(id, view);
        else current.delete(id);
      }
      for (const listener of listeners) listener([...views.keys()]);
      return record;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function viewOf(
  document: Spec,
  revision: number,
  { at, author, message }: GenerationView,
): SpecView {
  return { ...document, kind: 'Spec', revision, updatedAt: at, author, message };
}

/** The document without what the server knows of it. */
export function documentOf(view: SpecView): Spec {
  const { kind, revision, updatedAt, author, message, ...document } = view;
  return document;
}

function changeKind(existed: boolean, document: Spec | null): ChangeKind {
  if (!document) return 'deleted';
  return existed ? 'updated' : 'created';
}

function currentOperation(id: string, view: SpecView | null): Operation {
  return view ? { put: keys.spec(id), value: JSON.stringify(view) } : { delete: keys.spec(id) };
}

function revisionOperation(
  id: string,
  revision: number,
  document: Spec | null,
  { generation, at, author, message }: GenerationView,
): Operation {
  const view: RevisionView = {
    kind: 'Spec',
    id,
    revision,
    generation,
    at,
    author,
    message,
    document,
  };
  return { put: keys.specRevision(id, revision), value: JSON.stringify(view) };
}
