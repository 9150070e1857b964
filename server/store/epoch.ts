import { ulid } from 'ulid';
import { JamesError } from '../../proto/errors.ts';
import { keys } from './keys.ts';
import { StaleError, type Store } from './store.ts';

/** The layout of the keys and records that this release writes. */
const FORMAT = 1;

/**
 * The identity of the store's lineage (a ULID), made when the store is new. Throws JamesError `unsupported` if a newer
 * release wrote the store.
 */
export async function ensureEpoch(store: Store): Promise<string> {
  const entry = await store.get(keys.epoch);
  if (entry) return readEpoch(entry.value);
  const epoch = ulid();
  try {
    const value = JSON.stringify({ format: FORMAT, epoch });
    await store.batch([{ put: keys.epoch, value }], [{ key: keys.epoch, revision: 0 }]);
    return epoch;
  } catch (error) {
    if (error instanceof StaleError) return ensureEpoch(store);
    throw error;
  }
}

function readEpoch(value: string): string {
  const { format, epoch } = JSON.parse(value) as { format: number; epoch: string };
  if (format > FORMAT) {
    throw new JamesError(
      'unsupported',
      `The data was written by a newer release (format ${format}; this one knows ${FORMAT}). Start that release, or restore a backup.`,
    );
  }
  return epoch;
}
