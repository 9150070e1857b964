import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Labels, labelsKey, reduceLabels } from '../../../../proto/labels.ts';
import { compareTables } from '../../../../server/locks/core/compare-tables.ts';
import { returnTo } from '../../../../server/locks/core/earlier-table.ts';
import {
  extendTable,
  type LockTable,
  lookUpIn,
  tableOf,
} from '../../../../server/locks/core/lock-table.ts';

const keys = ['arch', 'board', 'os'];
const labels: fc.Arbitrary<Labels> = fc.dictionary(
  fc.constantFrom(...keys),
  fc.constantFrom('1', '2'),
);
const row = fc.record({ labels, choice: fc.constantFrom('x', 'y', 'z') });
const table: fc.Arbitrary<LockTable> = fc
  .array(fc.tuple(fc.subarray(keys), fc.array(row, { maxLength: 4 })), { maxLength: 3 })
  .map((some) =>
    some.reduce<LockTable>(
      (former, [counting, rows]) => ({
        groups: [...tableOf(counting, rows).groups, ...former.groups],
      }),
      { groups: [] },
    ),
  );

describe('an earlier table in place of the present one', () => {
  it('serves devices as it did, and others as the present one does', () => {
    fc.assert(
      fc.property(table, table, labels, (earlier, present, device) => {
        const expected = lookUpIn(earlier)(device) ?? lookUpIn(present)(device);
        expect(lookUpIn(returnTo(earlier, present))(device)).toBe(expected);
      }),
    );
  });

  it('is itself where it serves everybody, and grows no more when it is taken again', () => {
    fc.assert(
      fc.property(table, table, (earlier, present) => {
        const once = returnTo(earlier, present);
        expect(returnTo(once, present)).toEqual(once);
        expect(returnTo(earlier, earlier)).toEqual(earlier);
      }),
    );
    const before = tableOf(['os'], [{ labels: { os: '1' }, choice: 'x' }]);
    const after = extendTable(before, [{ labels: { arch: '1', os: '1' }, choice: 'y' }], keys);
    expect(returnTo(before, after)).toEqual(before);
  });
});

describe('two tables', () => {
  it('differ in the rows that serve a device differently, and in no row of equal choices', () => {
    fc.assert(
      fc.property(table, table, labels, (before, after, device) => {
        const [from, to] = [lookUpIn(before)(device), lookUpIn(after)(device)];
        const rows = compareTables(before, after);
        for (const one of rows) expect(one.from).not.toBe(one.to);
        if (from === to || from === undefined || to === undefined) return;
        const found = rows.filter(
          (one) =>
            labelsKey(reduceLabels(device, new Set(one.keys))) === labelsKey(one.labels) &&
            one.from === from &&
            one.to === to,
        );
        expect(found.length).toBeGreaterThan(0);
      }),
    );
  });

  it('are compared by the finer rows; a row that only one has is new or gone', () => {
    const general = tableOf(['os'], [{ labels: { os: '1' }, choice: 'x' }]);
    const finer = tableOf(
      ['board', 'os'],
      [
        { labels: { board: '1', os: '1' }, choice: 'x' },
        { labels: { board: '2', os: '1' }, choice: 'y' },
        { labels: { board: '1', os: '2' }, choice: 'z' },
      ],
    );
    const only = { keys: ['board', 'os'], labels: { board: '1', os: '2' } };
    const both = { keys: ['board', 'os'], labels: { board: '2', os: '1' } };
    expect(compareTables(general, finer)).toEqual([
      { ...both, from: 'x', to: 'y' },
      { ...only, from: undefined, to: 'z' },
    ]);
    expect(compareTables(finer, general)).toEqual([
      { ...both, from: 'y', to: 'x' },
      { ...only, from: 'z', to: undefined },
    ]);
    expect(compareTables(finer, finer)).toEqual([]);
  });
});
