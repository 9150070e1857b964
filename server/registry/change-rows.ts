import { CHANGES_SCHEMA, type Changes, type DeviceRow } from '../../proto/messages.ts';

/** Rows in one message, and a bound to its size: a viewer on a slow line must not be cut off for it. */
const MAX_ROWS = 500;
const MAX_BYTES = 256 * 1024;

/**
 * A message about changed devices: rows of those that exist, ids of those that are gone. What does not fit is left out
 * and `truncated` says so; then a viewer reads its page of the list again.
 */
export function changesMessage(
  at: string,
  ids: readonly string[],
  rowOf: (id: string) => DeviceRow | undefined,
): Uint8Array {
  const changes: Changes = {
    schema: CHANGES_SCHEMA,
    at,
    devices: [],
    removed: [],
    truncated: false,
  };
  let bytes = 0;
  for (const id of ids.slice(0, MAX_ROWS)) {
    const row = rowOf(id);
    bytes += row ? JSON.stringify(row).length : id.length;
    if (bytes > MAX_BYTES) break;
    if (row) changes.devices.push(row);
    else changes.removed.push(id);
  }
  changes.truncated = changes.devices.length + changes.removed.length < ids.length;
  return Buffer.from(JSON.stringify(changes));
}
