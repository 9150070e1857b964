import type { PackageReason, ResolvedPackage } from '../../resolution.ts';
import { resolvedPackage } from '../answer.ts';
import type { Description } from '../description.ts';
import type { Pool } from '../pool.ts';
import type { RelationTable } from './relation-table.ts';

/** Rows of answers. A package that is needed for the same reason is the same object in all answers. */
export interface AnswerRows {
  /** Of a version that is asked for itself. */
  ofRoot(version: number, reason: PackageReason): ResolvedPackage;
  /** Of a version that `parent` needs; `cell`: where it stands in the parent's need. */
  ofNeeded(version: number, parent: number, cell: number): ResolvedPackage;
}

/** Rows over a table; each is made when it is first asked for. */
export function createAnswerRows(
  pool: Pool,
  relations: RelationTable,
  describe: (version: number) => Description,
): AnswerRows {
  const byCell = new Map<number, ResolvedPackage>();

  function make(version: number, parent: number, cell: number): ResolvedPackage {
    const { kind, text } = relations.needAt(parent, cell);
    const by = pool.view.name(parent);
    const reason = { kind: 'needed', by, relationKind: kind, relation: text } as const;
    return resolvedPackage(describe(version), reason);
  }

  return {
    ofRoot: (version, reason) => resolvedPackage(describe(version), reason),
    ofNeeded(version, parent, cell) {
      let row = byCell.get(cell);
      if (row === undefined) {
        row = make(version, parent, cell);
        byCell.set(cell, row);
      }
      return row;
    },
  };
}
