import { compareVersions } from '../../../proto/version.ts';
import type { Resolution } from '../../../server/resolver/core/resolution.ts';
import type { CommandLine } from './command-line.ts';
import type { InstalledStanza, Machine } from './machine.ts';

/** What apt's command line refuses of an answer that its solver found: under `-y`, what needs a word of its own. */
export function refusalOf(
  { options }: CommandLine,
  machine: Machine,
  answer: Resolution,
): string | null {
  if (!options.has('assume-yes')) return null;
  const changed = changedBy(machine, answer);
  if (!options.has('allow-downgrades') && changed.some(({ isDowngrade }) => isDowngrade))
    return 'packages were downgraded';
  if (!options.has('allow-change-held-packages') && changed.some(({ row }) => row.hold))
    return 'held packages were changed';
  const isEssential = ({ row }: Change): boolean =>
    /^(Essential|Important|Protected): yes/im.test(row.fields);
  if (
    !options.has('allow-remove-essential') &&
    changed.some((one) => one.isGone && isEssential(one))
  )
    return 'essential packages were removed';
  return null;
}

interface Change {
  row: InstalledStanza;
  isGone: boolean;
  isDowngrade: boolean;
}

function changedBy({ installed, archs }: Machine, answer: Resolution): Change[] {
  const slot = (arch: string): string => (arch === 'all' ? (archs[0] ?? '') : arch);
  return installed.flatMap((row) => {
    const isRow = (one: { name: string; arch: string }): boolean =>
      one.name === row.name && slot(one.arch) === slot(row.arch);
    const fresh = answer.packages.find(isRow);
    const isGone = answer.removed.some(isRow);
    if (!fresh && !isGone) return [];
    const isDowngrade = fresh !== undefined && compareVersions(fresh.version, row.version) < 0;
    return [{ row, isGone, isDowngrade }];
  });
}
