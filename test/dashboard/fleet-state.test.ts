import { describe, expect, it } from 'vitest';
import type { DeviceView } from '../../proto/api.ts';
import type { Changes, DeviceRow } from '../../proto/messages.ts';
import { parseSelector } from '../../proto/selector.ts';
import {
  emptyTable,
  MAX_ROWS,
  rowOf,
  sortedRows,
  withChanges,
} from '../../server/dashboard/fleet-state.ts';

const everything = { selector: {}, phase: null };

const row = (id: string, change: Partial<DeviceRow> = {}): DeviceRow => ({
  id,
  labels: { fleet: 'alpha' },
  online: true,
  transport: 'mqtt',
  phase: 'idle',
  reason: null,
  converged: true,
  revision: 1,
  problems: 0,
  packets: [],
  ...change,
});

const changes = (devices: DeviceRow[], removed: string[] = []): Changes => ({
  schema: 'jamesd.changes/1',
  at: '2026-01-01T00:00:00.000Z',
  devices,
  removed,
  truncated: false,
});

describe('the device table', () => {
  it('takes new and changed rows, drops removed ones, keeps the others as they are', () => {
    const before = withChanges(emptyTable, changes([row('a'), row('b'), row('c')]), everything);
    const after = withChanges(
      before,
      changes([row('b', { phase: 'applying' })], ['c']),
      everything,
    );
    expect([...after.rows.keys()]).toEqual(['a', 'b']);
    expect(after.rows.get('b')?.phase).toBe('applying');
    expect(after.rows.get('a')).toBe(before.rows.get('a'));
    expect(before.rows.get('b')?.phase).toBe('idle');
  });

  it('lets a device leave when the filter no longer accepts it, and come when it does', () => {
    const filter = { selector: parseSelector('fleet=alpha'), phase: 'idle' as const };
    const before = withChanges(emptyTable, changes([row('a'), row('b')]), filter);
    const moved = [
      row('a', { labels: { fleet: 'beta' } }),
      row('b', { phase: 'failed' }),
      row('c'),
    ];
    expect([...withChanges(before, changes(moved), filter).rows.keys()]).toEqual(['c']);
  });

  it('stays bounded and says that there are more', () => {
    const many = Array.from({ length: MAX_ROWS + 5 }, (_, index) => row(`d${index}`));
    const table = withChanges(emptyTable, changes(many), everything);
    expect(table.rows.size).toBe(MAX_ROWS);
    expect(table.more).toBe(true);
    const known = withChanges(table, changes([row('d3', { phase: 'failed' })]), everything);
    expect(known.rows.get('d3')?.phase).toBe('failed');
  });

  it('sorts by id, numbers by value', () => {
    const table = withChanges(emptyTable, changes([row('d10'), row('d9'), row('b')]), everything);
    expect(sortedRows(table).map(({ id }) => id)).toEqual(['b', 'd9', 'd10']);
  });
});

describe('the row of a device from the list', () => {
  const view: DeviceView = {
    id: 'buoy-1',
    state: 'enrolled',
    labels: { fleet: 'alpha' },
    labelSources: { facts: {}, config: {}, join: { fleet: 'alpha' }, operator: {} },
    phase: 'idle',
    reason: null,
    converged: true,
    online: true,
    since: null,
    transport: 'mqtt',
    desired: { revision: 4, digest: 'd', problems: [{ code: 'conflict', name: 'x', detail: 'y' }] },
    reported: null,
    enrolledAt: '2026-01-01T00:00:00.000Z',
    lastSeenAt: null,
  };

  it('has what a message has', () => {
    expect(rowOf(view, () => null)).toEqual(row('buoy-1', { revision: 4, problems: 1 }));
  });

  it('names the versions of reported packets as far as they are known', () => {
    const packets = [
      { name: 'logger', id: 'sha256:1', status: 'installed' as const, error: null },
      { name: 'shell', id: null, status: 'missing' as const, error: 'gone' },
    ];
    const reported = { packets } as DeviceView['reported'];
    const versionOf = (id: string) => (id === 'sha256:1' ? '1.0.0' : null);
    expect(rowOf({ ...view, reported }, versionOf).packets).toEqual([
      { name: 'logger', version: '1.0.0', status: 'installed' },
      { name: 'shell', version: null, status: 'missing' },
    ]);
  });
});
