import type { SpecEntry } from '../core/model.ts';
import { type Choice, choiceOf, type LockRow, tableOf } from '../locks/core/lock-table.ts';
import { tableDigest } from '../locks/table-digest.ts';
import { nativeDigestOf } from '../system/native-digest.ts';
import type { Proposal, ProposalParts } from './spec-updates.ts';

/** What a plan that no lock of the spec binds would choose. */
export async function proposeFresh(
  spec: SpecEntry,
  { fleet, history, locks, compare }: ProposalParts,
): Promise<Proposal> {
  const rows: LockRow[] = [];
  const choices = new Map<string, Choice>();
  const changes = await compare(spec, locks.pinsWithout(spec.id), (labels, after) => {
    const choice = choiceOf(after, spec.id);
    const digest = nativeDigestOf(choice);
    choices.set(digest, choice);
    rows.push({ labels, choice: digest });
  });
  const lock = locks.current(spec.id)?.digest ?? (await history.latest(spec.id))?.digest ?? '';
  const table = tableOf(fleet.keys, rows);
  const proposed = changes.rows.length === 0 ? lock : tableDigest(table);
  const updates = spec.updates ?? 'auto';
  return { view: { spec: spec.id, updates, lock, proposed, ...changes }, made: { table, choices } };
}
