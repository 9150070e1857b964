import type { InstalledPackage } from '../../../proto/lock.ts';
import { isSamePlace, isSameVersion, type PresentPackage } from './present-package.ts';

/** What has to be done so that a device has again what it had. */
export interface WayBackPlan {
  /** To be installed again in these versions. */
  restore: InstalledPackage[];
  /** What was not there. */
  remove: PresentPackage[];
  markAuto: string[];
  markManual: string[];
}

/** Compares what is there with what was there. What came to be there for its own sake and is protected stays. */
export function wayBack(
  before: readonly InstalledPackage[],
  present: readonly PresentPackage[],
): WayBackPlan {
  const restore: InstalledPackage[] = [];
  const [markAuto, markManual]: [string[], string[]] = [[], []];
  for (const old of before) {
    const there = present.filter((one) => isSamePlace(one, old));
    const same = there.find((one) => isSameVersion(one.version, old.version) && !one.broken);
    if (!same) restore.push(old);
    else if (old.auto && !same.auto) markAuto.push(old.name);
    else if (!old.auto && same.auto) markManual.push(old.name);
  }
  const remove = present.filter(
    (one) => !one.protected && !before.some((old) => isSamePlace(one, old)),
  );
  return { restore, remove, markAuto, markManual };
}
