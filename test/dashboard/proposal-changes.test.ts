import { expect, it } from 'vitest';
import type { SpecUpdateRow } from '../../proto/package-views.ts';
import { changesOf, devicesOf } from '../../server/dashboard/proposal-changes.ts';

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
