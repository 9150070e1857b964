import { JamesError } from '../../proto/errors.ts';
import type { SpecEntry } from '../core/model.ts';
import type { SpecPins } from '../core/plan-labelset.ts';
import { returnTo } from '../locks/core/earlier-table.ts';
import {
  type Choice,
  choiceOf,
  extendTable,
  keepUnserved,
  type LockTable,
  lookUpIn,
  type Observation,
  pinsOfChoice,
  tableKeys,
} from '../locks/core/lock-table.ts';
import { documentDigestOf } from '../locks/document-digest.ts';
import { tableDigest } from '../locks/table-digest.ts';
import { nativeDigestOf } from '../system/native-digest.ts';
import type { Proposal, ProposalParts } from './spec-updates.ts';

/**
 * What a lock of the history would do in place of the present one. If the spec says now what it said then, that is what
 * the lock chose; else what its lines still allow of it. Throws `not-found`.
 */
export async function proposeEarlier(
  spec: SpecEntry,
  revision: number,
  { fleet, history, locks, compare }: ProposalParts,
): Promise<Proposal> {
  const earlier = await history.lock(spec.id, revision);
  if (!earlier) throw new JamesError('not-found', `Spec ${spec.id} has no lock ${revision}.`);
  const present = locks.current(spec.id);
  const returned = returnTo(earlier, present);
  const choices = await history.choices(
    returned.groups.flatMap(({ rows }) => rows.map(({ choice }) => choice)),
  );
  const isSame = earlier.document === documentDigestOf(spec);
  const rowOf = rowsOf(returned, choices);
  const observed: Observation[] = [];
  const keys = tableKeys(returned);
  const pins = pinsWith(locks, spec.id, (labels) => {
    const row = rowOf(labels);
    return row && pinsOfChoice(row, isSame ? spec.id : null);
  });
  const changes = await compare(
    spec,
    pins,
    (labels, after) => {
      if (isSame) return;
      const choice = keepUnserved(after, choiceOf(after, spec.id), rowOf(labels));
      const digest = nativeDigestOf(choice);
      choices.set(digest, choice);
      observed.push({ labels, choice: digest });
    },
    keys,
  );
  const table = extendTable(returned, observed, [...new Set([...fleet.keys, ...keys])]);
  return {
    view: {
      ...{ spec: spec.id, updates: spec.updates ?? 'auto', lock: present?.digest ?? '' },
      ...{ proposed: tableDigest(table), ...changes },
    },
    made: { table, choices },
  };
}

function rowsOf(table: LockTable, choices: ReadonlyMap<string, Choice>) {
  const lookUp = lookUpIn(table);
  return (labels: Observation['labels']): Choice | undefined => choices.get(lookUp(labels) ?? '');
}

/** The locks as they are, but for one spec. */
function pinsWith(locks: SpecPins, spec: string, own: (labels: Observation['labels']) => Own) {
  const pinsOf: SpecPins['pinsOf'] = (id, labels) =>
    id === spec ? own(labels) : locks.pinsOf(id, labels);
  return { pinsOf };
}
type Own = ReturnType<SpecPins['pinsOf']>;
