import type { PackageType } from '../../proto/package-line.ts';
import { compareVersions } from '../../proto/version.ts';
import { compareEvr } from '../resolver/core/rpm/version.ts';

/** The order of versions of a type of packages: dpkg's or rpm's. */
export function comparePackageVersions(type: PackageType, a: string, b: string): number {
  return type === 'deb' ? compareVersions(a, b) : compareEvr(a, b);
}

/**
 * True if a version lies in the range of a line: an exact version, `1.22.*` (a prefix of the text; `*` is any), or
 * comparisons that must all hold (`>=1.22 <2`).
 */
export function meetsVersion(type: PackageType, version: string, range: string): boolean {
  return range
    .trim()
    .split(/\s+/)
    .every((part) => meetsPart(type, version, part));
}

function meetsPart(type: PackageType, version: string, part: string): boolean {
  if (part === '*') return true;
  if (part.endsWith('*')) return version.startsWith(part.slice(0, -1));
  const [, operator = '=', bound = ''] = /^(>=|<=|=|>|<)?(.*)$/.exec(part) ?? [];
  const order = comparePackageVersions(type, version, bound);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    default:
      return order === 0;
  }
}
