import { expect, it } from 'vitest';
import type { Impact } from '../../proto/api.ts';
import type { SpecUpdateRow } from '../../proto/package-views.ts';
import {
  changesOf,
  devicesOf,
  heldText,
  promotionOf,
} from '../../server/dashboard/proposal-changes.ts';

const ref = (name: string, version: string | null) => ({ name, version, arch: 'all' });
const packet = (id: string, version?: string) => ({
  ...{ id, name: 'logger', labels: version === undefined ? {} : { version } },
});
const row: SpecUpdateRow = {
  labels: {},
  devices: 2,
  packets: [{ name: 'logger', from: packet('sha256:0123456789abcdef'), to: packet('x', '1.1') }],
  packages: {
    installs: [ref('new', '1')],
    upgrades: [{ from: ref('nginx', '1.22'), to: ref('nginx', '1.24') }],
    removals: [ref('gone', null)],
  },
  problems: [],
};

it('the changes of all rows stand once each, by name', () => {
  const view = { rows: [row, { ...row, devices: 3 }] };
  expect(changesOf(view)).toEqual([
    { name: 'gone', from: 'any', to: null },
    { name: 'logger', from: 'sha256:01234567', to: '1.1' },
    { name: 'new', from: null, to: '1' },
    { name: 'nginx', from: '1.22', to: '1.24' },
  ]);
  expect(devicesOf(view)).toBe(5);
});

it('an update that is held says why, and its command confirms the removals', () => {
  const impact = { removals: 1200, devicesLosing: 1 } as Impact;
  const hold = {
    ...{ spec: 'web', revision: 1, at: '', removals: 1200 },
    ...{ devicesLosing: 1, devicesEmptied: 0 },
  };
  expect(promotionOf({ spec: 'web', held: null, impact })).toBe('jamesd-ctl spec promote web');
  expect(promotionOf({ spec: 'web', held: hold, impact })).toBe(
    'jamesd-ctl spec promote web --confirm-removals 1200',
  );
  expect(heldText({ impact })).toContain('take 1,200 without a successor from 1 device.');
});
