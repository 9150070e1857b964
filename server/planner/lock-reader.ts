import type { Lock } from '../../proto/lock.ts';
import type { PackagesChange } from '../../proto/package-views.ts';
import { comparePackageLists, type Packages } from '../core/package-change.ts';
import type { LockText } from '../core/package-model.ts';

/** Equal locks are one object, and two of them are compared once. */
export function createLockReader() {
  const known = new Map<string, Lock>();
  const changes = new Map<Packages, Map<Packages, PackagesChange>>();
  return {
    read(lock: LockText | undefined): Packages | null {
      if (!lock) return null;
      const found = known.get(lock.digest) ?? (JSON.parse(lock.text()) as Lock);
      known.set(lock.digest, found);
      return found;
    },
    compare(before: Packages, after: Packages): PackagesChange {
      const some = changes.get(before) ?? new Map<Packages, PackagesChange>();
      changes.set(before, some);
      const change = some.get(after) ?? comparePackageLists(before, after);
      some.set(after, change);
      return change;
    },
  };
}
