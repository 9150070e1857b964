import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Holds, openHolds } from '../../../agent/gates/holds.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { silentLog } from '../../../proto/log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const files = createNodeFiles();

function device() {
  const state = temporaryDirectory();
  const clock = createFakeClock();
  return { state, clock, open: () => openHolds({ files, state, clock, log: silentLog }) };
}
const names = (holds: Holds): string[] => holds.list().map(({ name }) => name);

it('holds until it is released or its time is over', async () => {
  const { clock, open } = device();
  const holds = await open();
  expect(await holds.hold('load', null)).toEqual({
    name: 'load',
    since: '2026-01-01T00:00:00.000Z',
    until: null,
    whileThere: false,
  });
  expect((await holds.hold('trip', 5000)).until).toBe('2026-01-01T00:00:05.000Z');
  expect(names(holds)).toEqual(['load', 'trip']);
  await clock.advance(5000);
  expect(names(holds)).toEqual(['load']);
  expect([await holds.release('load'), await holds.release('load')]).toEqual([true, false]);
  expect(names(holds)).toEqual([]);
});

it('a hold of the same name is replaced', async () => {
  const { clock, open } = device();
  const holds = await open();
  await holds.hold('load', 1000);
  await holds.hold('load', 9000);
  await clock.advance(5000);
  expect(names(holds)).toEqual(['load']);
});

it('several who are there hold by one name, each for himself', async () => {
  const { open } = device();
  const holds = await open();
  const first = await holds.holdWhileThere('load');
  const second = await holds.holdWhileThere('load');
  await holds.hold('load', null);
  await first.end();
  expect(names(holds)).toEqual(['load', 'load']);
  await second.end();
  await second.end();
  expect(holds.list()).toMatchObject([{ whileThere: false }]);
  const third = await holds.holdWhileThere('load');
  expect(await holds.release('load')).toBe(true);
  await third.end();
  expect(names(holds)).toEqual([]);
});

it('listeners are told what began and what was ended', async () => {
  const { open } = device();
  const holds = await open();
  const told: string[][] = [];
  holds.onChanged(() => told.push(names(holds)));
  await holds.hold('a', null);
  const { end } = await holds.holdWhileThere('b');
  await end();
  await holds.release('a');
  expect(told).toEqual([['a'], ['a', 'b'], ['a'], []]);
});

it('survives a restart for the rest of its time', async () => {
  const { clock, open } = device();
  const before = await open();
  await before.hold('load', null);
  await before.hold('trip', 60_000);
  clock.setNow(clock.now() + 20_000);
  const after = await open();
  expect(after.list()).toMatchObject([
    { name: 'load', until: null },
    { name: 'trip', until: '2026-01-01T00:01:00.000Z' },
  ]);
  await clock.advance(40_000);
  expect(names(after)).toEqual(['load']);
});

it('lasts as long as it was asked for, also when the clock is set', async () => {
  const { clock, open } = device();
  const holds = await open();
  await holds.hold('trip', 60_000);
  clock.setNow(Date.UTC(2030, 0, 1));
  expect(names(holds)).toEqual(['trip']);
  clock.setNow(Date.UTC(1970, 0, 2));
  const after = await open();
  await clock.advance(59_999);
  expect(names(after)).toEqual(['trip']);
  await clock.advance(1);
  expect([names(after), names(holds)]).toEqual([[], []]);
});

it('one who was there has a minute to come again after a restart', async () => {
  const { clock, open } = device();
  await (await open()).holdWhileThere('load');
  const after = await open();
  await clock.advance(59_000);
  expect(names(after)).toEqual(['load']);
  const back = await after.holdWhileThere('load');
  await clock.advance(100_000);
  expect(names(after)).toEqual(['load']);
  await back.end();
  expect(names(after)).toEqual([]);
  await after.holdWhileThere('load');
  const again = await open();
  await clock.advance(60_000);
  expect(names(again)).toEqual([]);
});

it('is limited in number', async () => {
  const { open } = device();
  const holds = await open();
  for (let n = 0; n < 64; n += 1) await holds.hold(`h${n}`, null);
  await expect(holds.hold('one-more', null)).rejects.toMatchObject({ code: 'conflict' });
  await holds.hold('h0', null);
  expect(names(holds)).toHaveLength(64);
});

it.each([
  '',
  '{',
  '{"schema":"jamesc.holds/9","holds":[]}',
  '{"schema":"jamesc.holds/1","holds":[7]}',
])('content that nobody can read is dropped: %j', async (content) => {
  const { state, open } = device();
  writeFileSync(join(state, 'holds.json'), content);
  const holds = await open();
  expect(holds.list()).toEqual([]);
  await holds.hold('load', null);
  expect(readFileSync(join(state, 'holds.json'), 'utf8')).toContain('load');
});

it('one that cannot be kept is refused and does not hold', async () => {
  const { state, clock } = device();
  const full = {
    ...files,
    writeNew: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
  };
  const holds = await openHolds({ files: full, state, clock, log: silentLog });
  await expect(holds.hold('load', null)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(holds.list()).toEqual([]);
});
