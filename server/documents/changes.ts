import { canonicalJson } from '../../proto/canonical-json.ts';
import { type DocumentOf, type Kind, kinds } from '../../proto/document.ts';
import type { AppliedDocument, ViewOf } from '../../proto/document-views.ts';

/** What documents of a kind are to be, by id; null: deleted. */
export type ChangesOf<K extends Kind> = ReadonlyMap<string, DocumentOf[K] | null>;

/** The same of every kind. */
export type Changes = { readonly [K in Kind]: ChangesOf<K> };

/** Where the documents of every kind are found as they stand. */
export interface Present {
  view<K extends Kind>(kind: K, id: string): ViewOf[K] | undefined;
}

/** Changes of one kind alone. */
export function changesOf<K extends Kind>(kind: K, changes: ChangesOf<K>): Changes {
  return { Spec: new Map(), Source: new Map(), [kind]: changes };
}

/** Changes made of what `of` gives for every kind. */
export function collect(of: <K extends Kind>(kind: K) => ChangesOf<K>): Changes {
  return { Spec: of('Spec'), Source: of('Source') };
}

export function isEmpty(changes: Changes): boolean {
  return kinds.every((kind) => changes[kind].size === 0);
}

/** Those of the wanted documents that are not so already. */
export function differences(wanted: Changes, present: Present): Changes {
  return collect((kind) => {
    const differs = (id: string, after: unknown): boolean =>
      canonicalJson(presentOf(present, kind, id)) !== canonicalJson(after);
    return new Map([...wanted[kind]].filter(([id, after]) => differs(id, after)));
  });
}

/** What becomes of each wanted document; revisions are those before the change. */
export function resultsOf(wanted: Changes, changes: Changes, present: Present): AppliedDocument[] {
  return kinds.flatMap((kind) => resultsOfKind(kind, wanted[kind], changes[kind], present));
}

function resultsOfKind<K extends Kind>(
  kind: K,
  wanted: ChangesOf<K>,
  changes: ChangesOf<K>,
  present: Present,
): AppliedDocument[] {
  return [...wanted].flatMap(([id, after]) => {
    const before = presentOf(present, kind, id);
    if (!before && !after) return [];
    const made = after ? (before ? 'updated' : 'created') : 'deleted';
    const change = changes.has(id) ? made : 'unchanged';
    const revision = present.view(kind, id)?.revision ?? null;
    return [{ kind, id, change, revision, before, after } as unknown as AppliedDocument];
  });
}

function presentOf<K extends Kind>(present: Present, kind: K, id: string): DocumentOf[K] | null {
  const view = present.view(kind, id);
  return view ? documentOf(view) : null;
}

/** The document without what the server knows of it. */
export function documentOf<K extends Kind>(view: ViewOf[K]): DocumentOf[K] {
  const { kind, revision, updatedAt, author, message, ...document } = view;
  return document as unknown as DocumentOf[K];
}
