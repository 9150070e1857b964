import { describe, expect, it } from 'vitest';
import type { PacketLine } from '../../../proto/desired.ts';
import { compareLines, needsConfirmation, sumImpact } from '../../../server/core/impact.ts';

const wanted = (name: string, id: string): PacketLine => ({
  name,
  id,
  labels: {},
  size: 1,
  url: `/v1/packets/${id}/content`,
  reason: { spec: 's', revision: 1 },
});
const kept = (name: string): PacketLine => ({ name, keep: true, problem: 'conflict' });
const ref = (name: string, id: string) => ({ id, name, labels: {} });

describe('compareLines', () => {
  it('tells installs, upgrades and removals apart', () => {
    const change = compareLines(
      [wanted('a', '1'), wanted('b', '1'), wanted('c', '1')],
      [wanted('b', '2'), wanted('c', '1'), wanted('d', '1')],
    );
    expect(change).toEqual({
      installs: [ref('d', '1')],
      upgrades: [{ from: ref('b', '1'), to: ref('b', '2') }],
      removals: [ref('a', '1')],
      packages: { installs: [], upgrades: [], removals: [] },
      emptied: false,
    });
  });

  it('a line that says keep is no removal', () => {
    expect(compareLines([wanted('a', '1')], [kept('a')])).toMatchObject({
      removals: [],
      emptied: false,
    });
  });

  it('what a device kept and would lose is a removal, if it has it', () => {
    expect(compareLines([kept('a')], [])).toMatchObject({ removals: [], emptied: false });
    expect(compareLines([kept('a')], [], (name) => ref(name, '1'))).toMatchObject({
      removals: [ref('a', '1')],
      emptied: true,
    });
  });

  it('nothing left where there was something is emptied', () => {
    expect(compareLines([wanted('a', '1')], []).emptied).toBe(true);
    expect(compareLines([], []).emptied).toBe(false);
  });
});

describe('the guard', () => {
  const losing = (devices: number, emptied: boolean) =>
    sumImpact([
      {
        labels: {},
        devices,
        problems: [],
        change: compareLines(
          [wanted('a', '1'), wanted('b', '1')],
          emptied ? [] : [wanted('a', '1')],
        ),
      },
    ]);

  it('counts pairs of device and packet', () => {
    expect(losing(3, true)).toMatchObject({
      devices: 3,
      removals: 6,
      devicesLosing: 3,
      devicesEmptied: 3,
    });
  });

  it('lets up to the given part of the fleet lose packets', () => {
    expect(needsConfirmation(losing(20, false), 100, 20)).toBe(false);
    expect(needsConfirmation(losing(21, false), 100, 20)).toBe(true);
  });

  it('never lets one device be emptied', () => {
    expect(needsConfirmation(losing(1, true), 100_000, 20)).toBe(true);
  });
});
