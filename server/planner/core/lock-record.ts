import type { Lock } from '../../../proto/lock.ts';

/** A lock as it is stored: the lines of its packages by their numbers. */
export interface LockRecord extends Pick<Lock, 'type' | 'keep'> {
  lines: readonly number[];
}

/** Earlier releases stored the text of the lock itself, whose members stand in the order of their names. */
const START = '{"format":2,';

export function encodeLockRecord({ type, keep, lines }: LockRecord): string {
  return JSON.stringify({ format: 2, type, keep, lines });
}

/** Null: the value is the text of a lock as a whole. */
export function decodeLockRecord(value: string): LockRecord | null {
  return value.startsWith(START) ? (JSON.parse(value) as LockRecord) : null;
}
