import type { Labels } from '../../proto/labels.ts';
import type { PackageType } from '../../proto/package-line.ts';
import { compareVersions } from '../../proto/version.ts';
import type { Policy } from '../resolver/core/resolution.ts';

/** The first release of each system whose apt is of version 3, by the label `os`. */
const firstWithApt3: Readonly<Record<string, string>> = { debian: '13', ubuntu: '25.04' };

/**
 * How the package manager of a device with these labels chooses between alternatives. Where the labels do not tell the
 * release, it is taken to be an older one.
 */
export function chooserOf(type: PackageType, labels: Labels): Policy {
  if (type === 'rpm') return 'rpm';
  const { os, 'os.version': version } = labels;
  if (os === undefined || version === undefined || !Object.hasOwn(firstWithApt3, os)) return 'apt';
  return compareVersions(version, firstWithApt3[os] ?? '') >= 0 ? 'apt3' : 'apt';
}
