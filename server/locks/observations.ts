import type { Labels } from '../../proto/labels.ts';
import { matches } from '../../proto/selector.ts';
import { isBound, type LabelPlan, type SpecEntry } from '../core/model.ts';
import { nativeDigestOf } from '../system/native-digest.ts';
import {
  type Choice,
  choiceOf,
  completeChoice,
  extendTable,
  keepUnserved,
  type Observation,
} from './core/lock-table.ts';
import type { LockRows } from './lock-rows.ts';
import type { LockWriting } from './lock-writing.ts';
import { tableDigest } from './table-digest.ts';

/** What plans find for devices without a row, or for what a row leaves open; it becomes part of the lock. */
export interface Observations {
  clear(): void;
  observe(labels: Labels, plan: LabelPlan, candidates: readonly SpecEntry[]): void;
  commit(keys: Iterable<string>): Promise<void>;
}

export function createObservations({
  rows,
  writing,
  documentDigest,
}: {
  rows: LockRows;
  writing: LockWriting;
  documentDigest: (spec: SpecEntry) => string;
}): Observations {
  let observed = new Map<SpecEntry, Observation[]>();

  /** What the row for labels is to say after a plan that followed it; undefined: what it says. */
  const nextChoice = (spec: SpecEntry, labels: Labels, plan: LabelPlan): Choice | undefined => {
    const former = rows.get(spec.id);
    const row = rows.choice(former?.lookUp(labels) ?? '');
    const chosen = choiceOf(plan, spec.id);
    if (!row || former?.lock.document !== documentDigest(spec))
      return keepUnserved(plan, chosen, row);
    const completed = completeChoice(row, chosen);
    return completed === row ? undefined : completed;
  };

  const extend = async (
    spec: SpecEntry,
    found: readonly Observation[],
    keys: readonly string[],
  ) => {
    const former = rows.get(spec.id)?.lock;
    const table = extendTable(former, found, keys);
    const isSame = former?.document === documentDigest(spec);
    if (isSame && tableDigest(table) === former?.digest) return;
    const choices = new Map(
      found.flatMap(({ choice }) => {
        const value = rows.choice(choice);
        return value ? [[choice, value] as const] : [];
      }),
    );
    writing.tell(await writing.write(spec, { table, choices, cause: 'planned', author: 'server' }));
  };

  return {
    clear() {
      observed = new Map();
    },
    observe(labels, plan, candidates) {
      for (const spec of candidates) {
        if (!isBound(spec) || !matches(spec.target, labels)) continue;
        const choice = nextChoice(spec, labels, plan);
        if (!choice) continue;
        const digest = nativeDigestOf(choice);
        rows.addChoice(digest, choice);
        const list = observed.get(spec) ?? [];
        observed.set(spec, list);
        list.push({ labels, choice: digest });
      }
    },
    async commit(keys) {
      const list = [...observed];
      observed = new Map();
      for (const [spec, found] of list) await extend(spec, found, [...keys]);
      if (list.length > 0) rows.tidy();
    },
  };
}
