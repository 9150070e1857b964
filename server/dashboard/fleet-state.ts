import type { DeviceView } from '../../proto/api.ts';
import type { Changes, DeviceRow } from '../../proto/messages.ts';
import type { Phase } from '../../proto/reported.ts';
import { matches, type Selector } from '../../proto/selector.ts';

/** The table shows at most this many devices; a filter brings out the others. */
export const MAX_ROWS = 500;

/** Which devices the table shows: all conditions must hold; null is none. */
export interface Filter {
  selector: Selector;
  phase: Phase | null;
}

/** The device table: rows by id, in no order, and whether there are more than it holds. */
export interface Table {
  rows: ReadonlyMap<string, DeviceRow>;
  more: boolean;
}

export const emptyTable: Table = { rows: new Map(), more: false };

export const shows = (filter: Filter, row: DeviceRow): boolean =>
  (filter.phase === null || row.phase === filter.phase) && matches(filter.selector, row.labels);

/**
 * The table after a message of `fleet/changes`. Rows of devices that did not change stay the same objects. A device that
 * the filter no longer accepts leaves; a new one comes in while there is room.
 */
export function withChanges(table: Table, changes: Changes, filter: Filter): Table {
  const rows = new Map(table.rows);
  let more = table.more;
  for (const id of changes.removed) rows.delete(id);
  for (const row of changes.devices) {
    if (!shows(filter, row)) rows.delete(row.id);
    else if (rows.has(row.id) || rows.size < MAX_ROWS) rows.set(row.id, row);
    else more = true;
  }
  return { rows, more };
}

/** The row of a device as a list gives it. `versionOf` knows the versions of packets by id, as far as they are known. */
export function rowOf(view: DeviceView, versionOf: (packet: string) => string | null): DeviceRow {
  const { id, labels, online, transport, phase, reason, converged, reported } = view;
  return {
    id,
    labels: { ...labels },
    online,
    transport,
    phase,
    reason,
    ...(reported?.retryAt && reported.reason === reason && { retryAt: reported.retryAt }),
    ...(reported?.rebootPending && { rebootPending: true }),
    converged,
    revision: view.desired?.revision ?? null,
    problems: view.desired?.problems.length ?? 0,
    packets: (view.reported?.packets ?? []).map((packet) => ({
      name: packet.name,
      version: packet.id === null ? null : versionOf(packet.id),
      status: packet.status,
    })),
  };
}

/** The rows in the order of the table: by id, numbers by value. */
export function sortedRows(table: Table): DeviceRow[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return [...table.rows.values()].sort((a, b) => collator.compare(a.id, b.id));
}
