import { nativeDigestOf } from '../system/native-digest.ts';
import type { LockTable } from './core/lock-table.ts';

/** The digest of a table: what its locks are told apart by. */
export function tableDigest({ groups }: LockTable): string {
  return nativeDigestOf(groups);
}
