import type { DocumentOf, Kind } from '../../proto/document.ts';
import type {
  ChangeKind,
  GenerationView,
  RevisionView,
  ViewOf,
} from '../../proto/document-views.ts';
import { documentPrefixes, keys } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';
import type { ChangesOf } from './changes.ts';

/** Who made a change, and why. `author` is a token's id, or `file`. */
export interface Authorship {
  author: string;
  message: string | null;
}

/** All documents of a kind, as they stand in the store; held in memory and kept current. */
export interface DocumentSet<K extends Kind> {
  readonly kind: K;
  get(id: string): ViewOf[K] | undefined;
  all(): Iterable<ViewOf[K]>;
  /** `Documents.commit` for one kind. */
  commit(changes: ChangesOf<K>, by: Authorship): Promise<GenerationView>;
  /** Calls `listener` with the ids of documents that changed, after it is durable. Returns the function that ends it. */
  onChange(listener: (ids: readonly string[]) => void): () => void;
}

export type Specs = DocumentSet<'Spec'>;
export type Sources = DocumentSet<'Source'>;

/** A set with what the one who writes it needs. */
export interface OpenDocumentSet<K extends Kind> extends Omit<DocumentSet<K>, 'commit'> {
  load(): Promise<void>;
  /** What makes changes part of a generation; `take` and `tell` follow once it is durable. */
  prepare(changes: ChangesOf<K>, generation: Generation): Promise<Prepared>;
}

/** A generation that is about to be. */
export type Generation = Omit<GenerationView, 'changes'>;

export interface Prepared {
  operations: Operation[];
  changes: GenerationView['changes'];
  /** Into memory. */
  take(): void;
  /** To those who follow the set; after every set took its part. */
  tell(): void;
}

export function createDocumentSet<K extends Kind>(kind: K, store: Store): OpenDocumentSet<K> {
  const current = new Map<string, ViewOf[K]>();
  const listeners = new Set<(ids: readonly string[]) => void>();

  /** The revision after the last, also of a document that was deleted. */
  const nextRevision = async (id: string): Promise<number> => {
    const known = current.get(id);
    if (known) return known.revision + 1;
    const range = { ...prefixRange(keys.revisions(kind, id)), reverse: true, limit: 1 };
    for await (const { value } of store.range(range))
      return (JSON.parse(value) as RevisionView).revision + 1;
    return 1;
  };

  return {
    kind,
    async load() {
      for await (const { value } of store.range(prefixRange(documentPrefixes[kind]))) {
        const view = JSON.parse(value) as ViewOf[K];
        current.set(view.id, view);
      }
    },
    get: (id) => current.get(id),
    all: () => current.values(),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async prepare(changes, generation) {
      const prepared: Prepared = { operations: [], changes: [], take, tell };
      const views = new Map<string, ViewOf[K] | null>();
      for (const [id, document] of changes) {
        const revision = await nextRevision(id);
        const view = document && viewOf(kind, document, revision, generation);
        views.set(id, view);
        prepared.operations.push(
          view
            ? { put: keys.document(kind, id), value: JSON.stringify(view) }
            : { delete: keys.document(kind, id) },
          revisionOperation(kind, id, revision, document, generation),
        );
        const change = changeKind(current.has(id), document);
        prepared.changes.push({ kind, id, revision, change });
      }
      return prepared;

      function take(): void {
        for (const [id, view] of views) {
          if (view) current.set(id, view);
          else current.delete(id);
        }
      }

      function tell(): void {
        if (views.size > 0) for (const listener of listeners) listener([...views.keys()]);
      }
    },
  };
}

function viewOf<K extends Kind>(
  kind: K,
  document: DocumentOf[K],
  revision: number,
  { at, author, message }: Generation,
): ViewOf[K] {
  return { ...document, kind, revision, updatedAt: at, author, message } as unknown as ViewOf[K];
}

function changeKind(existed: boolean, document: unknown): ChangeKind {
  if (!document) return 'deleted';
  return existed ? 'updated' : 'created';
}

function revisionOperation<K extends Kind>(
  kind: K,
  id: string,
  revision: number,
  document: DocumentOf[K] | null,
  { generation, at, author, message }: Generation,
): Operation {
  const view = { kind, id, revision, generation, at, author, message, document };
  return { put: keys.revision(kind, id, revision), value: JSON.stringify(view) };
}
