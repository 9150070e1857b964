import {
  type Job,
  type JobAction,
  jobActions,
  type Selection,
} from '../../server/resolver/core/rpm/job.ts';
import { type Plain, parseRelation } from '../../server/resolver/core/rpm/relation.ts';

/** A job line, or what about it is not understood. */
export type ParsedJob = Job | { unsupported: string } | null;

/** Numbers of packages by `name-version.arch@repository`. */
export type PackageNumbers = ReadonlyMap<string, number>;

/** Reads `job ACTION SELECT WHAT… [flags]`; null for one that does nothing. */
export function parseJob(line: string, numbers: PackageNumbers): ParsedJob {
  const [, action = '', kind = '', rest = '', flagText = ''] =
    /^job\s+(\S+)\s+(\S+)\s*(.*?)\s*(?:\[(.*)\])?$/.exec(line) ?? [];
  if (action === 'noop') return null;
  if (!isAction(action)) return { unsupported: `job ${action}` };
  const selection = selectionOf(kind, rest, numbers);
  if (selection === null) return { unsupported: `selection ${kind}` };
  const flags = new Set(flagText.split(',').filter((flag) => flag !== ''));
  const unsupported = [...flags].find((flag) => !known.has(flag));
  if (unsupported !== undefined) return { unsupported: `job flag ${unsupported}` };
  const isExact = 'relation' in selection && selection.relation.comparison === '=';
  const auto = !flags.has('noautoset') && (isExact || kind === 'pkg');
  return {
    action,
    selection,
    best: flags.has('forcebest'),
    weak: flags.has('weak'),
    cleandeps: flags.has('cleandeps'),
    setsVersion: auto || flags.has('setevr') || flags.has('setev'),
    setsArch: kind === 'pkg' || flags.has('setarch'),
    ...(flags.has('targeted') && { targeted: true }),
    ...(flags.has('untargeted') && { targeted: false }),
  };
}

const known = new Set([
  ...['forcebest', 'weak', 'cleandeps', 'targeted', 'untargeted', 'noautoset', 'essential'],
  ...['setev', 'setevr', 'setarch', 'setvendor', 'setrepo', 'setname'],
]);

const isAction = (word: string): word is JobAction =>
  (jobActions as readonly string[]).includes(word);

function selectionOf(kind: string, what: string, numbers: PackageNumbers): Selection | null {
  switch (kind) {
    case 'name':
    case 'provides': {
      const [, text = what, arch] = /^(\S+)\.(x86_64|i[3-6]86|noarch|amd64|all)$/.exec(what) ?? [];
      const relation = parseRelation(text);
      if (relation.kind !== 'plain') return null;
      return { kind, relation: relation as Plain, ...(arch !== undefined && { arch }) };
    }
    case 'pkg':
    case 'oneof': {
      const ids = what === 'nothing' ? [] : what.split(/\s+/).map((name) => numbers.get(name));
      return ids.every((id) => id !== undefined)
        ? { kind: 'packages', ids: ids as number[] }
        : null;
    }
    case 'repo':
      return { kind: 'source', id: what };
    case 'all':
      return { kind: 'all' };
    default:
      return null;
  }
}
