import type { Document } from '../document.ts';

/** A label that documents ask for, and no agent finds by itself. */
export interface NeededLabel {
  /** `group.web`, with any value. */
  label: string;
  /** The ids of the documents that ask for it. */
  documents: string[];
}

/** The labels that came of groups and bundles, by name. */
export function labelsNeeded(documents: readonly Document[]): NeededLabel[] {
  const labels = new Map<string, string[]>();
  for (const { id, target } of documents) {
    for (const key of Object.keys(target)) {
      if (!/^(group|bundle)\./.test(key)) continue;
      labels.set(key, [...(labels.get(key) ?? []), id]);
    }
  }
  return [...labels]
    .map(([label, ids]) => ({ label, documents: [...ids].sort() }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}
