import { type DocumentOf, type Kind, kinds } from '../../proto/document.ts';
import type { ApplyRequest } from '../../proto/document-views.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Changes, ChangesOf } from './changes.ts';
import type { Documents } from './documents.ts';
import type { OwnerOf } from './owners.ts';

/**
 * What a request to apply asks for; null: to be deleted. What files of the server own is not pruned. Throws
 * `bad-document` if a kind's id stands twice.
 */
export function wantedBy(
  { documents: asked, prune }: ApplyRequest,
  documents: Documents,
  ownerOf: OwnerOf,
): Changes {
  const wanted: Record<Kind, Map<string, DocumentOf[Kind] | null>> = {
    Spec: new Map(),
    Source: new Map(),
  };
  for (const { kind, ...document } of asked) {
    if (wanted[kind].has(document.id)) {
      const sentence = `${kind} ${document.id} stands twice among the documents.`;
      throw new JamesError('bad-document', sentence);
    }
    wanted[kind].set(document.id, document as DocumentOf[Kind]);
  }
  if (prune) {
    for (const kind of kinds)
      for (const { id } of documents.of(kind).all())
        if (!wanted[kind].has(id) && !(kind === 'Source' && ownerOf(id) !== undefined))
          wanted[kind].set(id, null);
  }
  return wanted as { [K in Kind]: ChangesOf<K> };
}
