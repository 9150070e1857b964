import type { PackageEntry, RevisionPoint } from './package-journal.ts';

type Begin = PackageEntry & { entry: 'begin' };
type Applying = PackageEntry & { entry: 'applying' };

/** What is to be done with packages after a transaction was cut off, once its packets are undone or finished. */
export type PackageRecovery =
  /** There is none. */
  | { kind: 'nothing' }
  /** No package was touched: the source files go back. */
  | { kind: 'restore'; begin: Begin }
  /** Packages go back, then the source files. */
  | { kind: 'undo'; begin: Begin; applying: Applying }
  /** Everything new is there: what nobody wants any more goes. */
  | { kind: 'finish'; begin: Begin; applying: Applying };

/**
 * Decides from the journal, whatever its length, and from the desired state that the packets' index names: it is the new
 * one as soon as the packets are committed, which may be just before `committed` is written.
 */
export function packageRecoveryOf(
  entries: readonly PackageEntry[],
  point: RevisionPoint | null,
): PackageRecovery {
  const [begin, applying] = entries;
  if (begin?.entry !== 'begin') return { kind: 'nothing' };
  if (applying?.entry !== 'applying') return { kind: 'restore', begin };
  const isCommitted = entries.some(({ entry }) => entry === 'committed');
  const isNew = isSame(point, begin.to) && !isSame(begin.from, begin.to);
  return { kind: isCommitted || isNew ? 'finish' : 'undo', begin, applying };
}

const isSame = (one: RevisionPoint | null, other: RevisionPoint): boolean =>
  one !== null &&
  one.epoch === other.epoch &&
  one.revision === other.revision &&
  one.digest === other.digest;
