import type { Spec } from '../../proto/spec.ts';
import { nativeDigestOf } from '../system/native-digest.ts';

/** The same as `documentDigestOf`, worked out once per object. */
export function createDocumentDigest(): (spec: Spec) => string {
  const known = new WeakMap<Spec, string>();
  return (spec) => {
    const found = known.get(spec) ?? documentDigestOf(spec);
    known.set(spec, found);
    return found;
  };
}

/** Of what a spec says, without what the server knows of it. */
export function documentDigestOf(spec: Spec): string {
  return nativeDigestOf(documentOf(spec));
}

function documentOf(spec: Spec): object {
  const { kind, revision, updatedAt, author, message, held, ...document } = spec as Spec &
    Record<string, unknown>;
  return document;
}
