import { type Labels, labelsKey, reduceLabels } from '../../proto/labels.ts';
import { matches } from '../../proto/selector.ts';
import type { SpecEntry } from '../core/model.ts';

/** Which specs apply to labels: the sorted ids, one shared list for labels that no target tells apart. */
export type SpecsOf = (labels: Labels) => readonly string[];

/** Answers for these specs; every combination of labels that targets mention is worked out once. */
export function createSpecsOf(specs: Iterable<SpecEntry>): SpecsOf {
  const all = [...specs].sort((a, b) => (a.id < b.id ? -1 : 1));
  const keys = new Set(all.flatMap(({ target }) => Object.keys(target)));
  const known = new Map<string, readonly string[]>();
  return (labels) => {
    const reduced = reduceLabels(labels, keys);
    const key = labelsKey(reduced);
    const found = known.get(key);
    if (found) return found;
    const ids = all.filter(({ target }) => matches(target, reduced)).map(({ id }) => id);
    known.set(key, ids);
    return ids;
  };
}
