import { JamesError } from '../../../proto/errors.ts';

/** What of an index is checked, and the address that people see. */
export interface CheckedIndex {
  url: string;
  date: number | null;
  validUntil: number | null;
}

/** Throws `index-expired` if the repository says that the index is too old at the time `now`. */
export function refuseExpired({ url, validUntil }: CheckedIndex, now: number): void {
  if (validUntil === null || now <= validUntil) return;
  throw new JamesError(
    'index-expired',
    `${url} is valid until ${shown(validUntil)} only. The repository has to be renewed, or this server's clock is wrong.`,
  );
}

/** Throws `index-older` if the index is from before the one in use: whoever offers it may hide updates. */
export function refuseOlder(found: CheckedIndex, used: CheckedIndex | undefined): void {
  if (!used || found.date === null || used.date === null || found.date >= used.date) return;
  throw new JamesError(
    'index-older',
    `${found.url} is of ${shown(found.date)}, and the one in use of ${shown(used.date)}. If that is meant, refresh with --allow-older.`,
  );
}

function shown(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
