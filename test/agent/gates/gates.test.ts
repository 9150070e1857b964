import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Gate } from '../../../agent/gates/gate.ts';
import { createGates } from '../../../agent/gates/gates.ts';
import { openHolds } from '../../../agent/gates/holds.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { type Commands, createCommands } from '../../../agent/system/commands.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import type { DevicePolicy } from '../../../proto/device-policy.ts';
import { silentLog } from '../../../proto/log.ts';
import type { Inhibit } from '../../../proto/windows.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const files = createNodeFiles();
const HOUR = 3_600_000;
const point = (digest = 'sha256:a') => ({ epoch: 'e', revision: 1, digest });

/** An inhibitor that counts no more after its deadline. */
function goesAhead(deadline: string, what: Inhibit): Inhibit {
  // biome-ignore lint/suspicious/noThenProperty: the word is a field of the document.
  return { ...what, deadline, then: 'apply' };
}

/** A device in UTC at midnight of 2026-01-01, with real files and commands. */
async function device() {
  const root = temporaryDirectory();
  const state = temporaryDirectory();
  const clock = createFakeClock();
  const place = { value: { zone: 'UTC', warning: null as string | null } };
  const holds = await openHolds({ files, state, clock, log: silentLog });
  const commands = createCommands({ clock: createClock() });
  const open = (other: Partial<{ commands: Commands }> = {}) =>
    createGates({
      ...{ commands, files, clock, root, state, holds, device: 'd', log: silentLog },
      zone: async () => place.value,
      ...other,
    });
  const file = (name: string): string => {
    mkdirSync(join(root, 'run'), { recursive: true });
    writeFileSync(join(root, 'run', name), '');
    return `/run/${name}`;
  };
  const gates = open();
  const apply = async (inhibit: Inhibit[], more: DevicePolicy = {}): Promise<Gate> =>
    (await gates.ask({ inhibit, ...more }, point())).apply;
  return { root, state, clock, place, holds, open, file, gates, apply };
}

it('without a policy everything is open', async () => {
  const { gates } = await device();
  expect(await gates.ask({}, point())).toEqual({ download: { open: true }, apply: { open: true } });
});

it('windows say when they open, in the time of the device', async () => {
  const { gates, clock, place } = await device();
  const policy: DevicePolicy = {
    windows: [{ download: 'always', apply: [{ at: '02:00', duration: '1h' }] }],
  };
  expect(await gates.ask(policy, point())).toEqual({
    download: { open: true },
    apply: {
      open: false,
      reason: 'window',
      detail: 'No window to apply is open; the next opening is 2026-01-01 02:00 (UTC).',
      until: clock.now() + 2 * HOUR,
      askAgainMs: 300_000,
    },
  });
  place.value = { zone: 'Europe/Berlin', warning: null };
  await clock.advance(HOUR);
  expect((await gates.ask(policy, point())).apply).toEqual({ open: true });
  place.value = { zone: 'UTC', warning: 'Nobody knows the zone: UTC counts.' };
  await clock.advance(HOUR - 1000);
  expect((await gates.ask(policy, point())).apply).toMatchObject({
    detail:
      'No window to apply is open; the next opening is 2026-01-01 02:00 (UTC). Nobody knows the zone: UTC counts.',
    askAgainMs: 1000,
  });
  await clock.advance(1000);
  expect((await gates.ask(policy, point())).apply).toEqual({ open: true });
});

it('windows that never open, unknown zones and black-out dates are said', async () => {
  const { gates } = await device();
  const never: DevicePolicy = {
    windows: [{ timezone: 'Mars/Olympus', download: [{ cron: '0 0 30 2 *', duration: '1h' }] }],
  };
  expect((await gates.ask(never, point())).download).toMatchObject({
    reason: 'window',
    until: null,
    detail:
      'No window to download is open; no opening was found within two years. The time zone "Mars/Olympus" is not known here: UTC counts.',
  });
  const dark: DevicePolicy = { windows: [{ blackout: ['2025-12-31/2026-01-02'] }] };
  expect((await gates.ask(dark, point())).apply).toMatchObject({
    reason: 'blackout',
    until: Date.UTC(2026, 0, 3),
    detail:
      'Nothing is applied today, a black-out date; the next opening is 2026-01-03 00:00 (UTC).',
  });
});

it('a file holds back while it exists, with no deadline or with one', async () => {
  const { root, clock, file, apply, state } = await device();
  const busy = file('busy');
  expect(await apply([{ file: busy }])).toEqual({
    open: false,
    reason: 'inhibited',
    detail: 'The file /run/busy exists; it has no deadline.',
    until: null,
    askAgainMs: 5000,
  });
  const limited: Inhibit = goesAhead('1h', { file: busy });
  expect(await apply([limited])).toMatchObject({
    until: clock.now() + HOUR,
    detail: 'The file /run/busy exists; it goes ahead at 2026-01-01 01:00 (UTC) at the latest.',
  });
  await clock.advance(HOUR - 1000);
  expect(await apply([limited])).toMatchObject({ open: false, askAgainMs: 1000 });
  await clock.advance(1000);
  expect(await apply([limited])).toEqual({ open: true });
  rmSync(join(root, busy));
  expect(await apply([{ file: busy }])).toEqual({ open: true });
  expect(existsSync(join(state, 'waiting.json'))).toBe(false);
});

it('gives up at the deadline, and stays so over a restart until it is another or is forgotten', async () => {
  const { root, clock, file, open, gates, apply } = await device();
  const busy = file('busy');
  const inhibit: Inhibit[] = [{ file: busy, deadline: '1h' }];
  expect(await apply(inhibit)).toMatchObject({
    detail: 'The file /run/busy exists; the change is given up at 2026-01-01 01:00 (UTC).',
  });
  await clock.advance(HOUR);
  const gaveUp = {
    open: false,
    reason: 'gave-up',
    detail: 'The file /run/busy exists, still at its deadline; the change was given up.',
    until: null,
    askAgainMs: 300_000,
  };
  expect(await apply(inhibit)).toEqual(gaveUp);
  rmSync(join(root, busy));
  const restarted = open();
  expect((await restarted.ask({ inhibit }, point())).apply).toEqual(gaveUp);
  expect((await restarted.ask({ inhibit }, point('sha256:b'))).apply).toEqual({ open: true });
  await gates.forget();
  expect(await apply(inhibit)).toEqual({ open: true });
});

it('what was given up waits anew as a further revision', async () => {
  const { clock, file, gates, apply } = await device();
  const inhibit: Inhibit[] = [{ file: file('busy'), deadline: '1h' }];
  await apply(inhibit);
  await clock.advance(HOUR);
  expect(await apply(inhibit)).toMatchObject({ reason: 'gave-up' });
  const again = await gates.ask({ inhibit }, { ...point(), revision: 2 });
  expect(again.apply).toMatchObject({ reason: 'inhibited', until: clock.now() + HOUR });
});

it('the deadline counts over restarts, from when all is downloaded and a window is open', async () => {
  const { clock, file, open } = await device();
  const policy: DevicePolicy = {
    windows: [{ apply: [{ at: '02:00', duration: '2h' }] }],
    inhibit: [goesAhead('25h', { file: file('busy') })],
  };
  const ask = async (downloaded: boolean): Promise<Gate> =>
    (await open().ask(policy, { ...point(), downloaded })).apply;
  expect(await ask(true)).toMatchObject({ reason: 'window' });
  await clock.advance(2 * HOUR);
  expect(await ask(false)).toMatchObject({
    until: null,
    detail: 'The file /run/busy exists; its deadline begins when all is downloaded.',
  });
  await clock.advance(HOUR);
  expect(await ask(true)).toMatchObject({
    detail: 'The file /run/busy exists; it goes ahead at 2026-01-03 02:00 (UTC) at the latest.',
  });
  await clock.advance(24 * HOUR - 1000);
  expect(await ask(true)).toMatchObject({ reason: 'inhibited' });
  await clock.advance(HOUR + 1000);
  expect(await ask(true)).toMatchObject({ reason: 'window' });
  await clock.advance(22 * HOUR);
  expect(await ask(true)).toEqual({ open: true });
});

it('a deadline keeps its length when the clock is set, and another desired state has its own', async () => {
  const { clock, file, apply, gates, open } = await device();
  const inhibit: Inhibit[] = [goesAhead('2h', { file: file('busy') })];
  clock.setNow(Date.UTC(1970, 0, 1));
  await apply(inhibit);
  clock.setNow(Date.UTC(2026, 5, 1));
  expect(await apply(inhibit)).toMatchObject({ open: false, until: clock.now() + 2 * HOUR });
  await clock.advance(HOUR);
  expect((await open().ask({ inhibit }, point())).apply).toMatchObject({
    until: clock.now() + HOUR,
  });
  expect((await gates.ask({ inhibit }, point('sha256:b'))).apply).toMatchObject({
    until: clock.now() + 2 * HOUR,
  });
});

it('says the same as long as nothing is other than before, though two clocks never agree to the ms', async () => {
  const { clock, file, holds, apply } = await device();
  await holds.hold('load', 3 * HOUR);
  const inhibit: Inhibit[] = [goesAhead('2h', { file: file('busy') }), { holds: true }];
  const first = await apply(inhibit);
  expect(first).toMatchObject({ until: clock.now() + 3 * HOUR });
  for (const off of [1, -2, 3]) {
    await clock.advance(5000);
    clock.setNow(clock.now() + off);
    expect(await apply(inhibit)).toEqual(first);
  }
});

it.each(['', 'nonsense', '{"schema":"jamesc.waiting/1","digest":"sha256:a","since":"x"}'])(
  'what was remembered and nobody can read is dropped: %j',
  async (content) => {
    const { clock, file, apply, state } = await device();
    writeFileSync(join(state, 'waiting.json'), content);
    const inhibit: Inhibit[] = [{ file: file('busy'), deadline: '2h' }];
    expect(await apply(inhibit)).toMatchObject({ until: clock.now() + 2 * HOUR });
    expect(JSON.parse(readFileSync(join(state, 'waiting.json'), 'utf8'))).toMatchObject({
      since: clock.now(),
    });
  },
);

it('a command holds back unless it ends with 0; where it runs it knows', async () => {
  const { root, apply } = await device();
  const ok = `[ "$JAMESD_ACTION" = inhibit ] && [ "$JAMESD_ROOT" = ${root} ] && [ "$PWD" = / ]`;
  expect(await apply([{ command: ok }])).toEqual({ open: true });
  expect(await apply([{ command: 'echo carrying a load; exit 1' }])).toMatchObject({
    reason: 'inhibited',
    detail:
      'The command `echo carrying a load; exit 1` ended with status 1: carrying a load; it has no deadline.',
    askAgainMs: 30_000,
  });
  expect(await apply([{ command: 'nosuchprogram' }])).toMatchObject({
    detail: expect.stringMatching(
      /^The command `nosuchprogram` ended with status 127: .*not found/,
    ),
  });
});

it('a command that takes too long or cannot run holds back and says so', async () => {
  const { open } = await device();
  const outcome = { output: '', stdout: '', truncated: false };
  const asked: number[] = [];
  const ask = async (commands: Commands): Promise<Gate> =>
    (await open({ commands }).ask({ inhibit: [{ command: 'x' }] }, point())).apply;
  const late: Commands = {
    async run({ timeoutMs }) {
      asked.push(timeoutMs);
      return { end: 'timed-out', code: 'SIGTERM', ...outcome };
    },
  };
  expect(await ask(late)).toMatchObject({
    detail: 'The command `x` took longer than 30 s and was ended; it has no deadline.',
  });
  expect(asked).toEqual([30_000]);
  const absent: Commands = {
    run: async () => ({ end: 'not-started', code: 'EAGAIN', ...outcome }),
  };
  expect(await ask(absent)).toMatchObject({
    detail: 'The command `x` could not be started (EAGAIN); it has no deadline.',
  });
});

it('asking ends at once when it is told to', async () => {
  const { gates } = await device();
  const stop = new AbortController();
  const asking = gates.ask({ inhibit: [{ command: 'sleep 600' }] }, point(), stop.signal);
  setImmediate(() => stop.abort(new Error('enough')));
  await expect(asking).rejects.toThrow('enough');
});

it('holds of programs count, and the policy may limit them', async () => {
  const { clock, holds, apply } = await device();
  await holds.hold('load', null);
  expect(await apply([])).toMatchObject({
    reason: 'inhibited',
    until: null,
    detail: 'The hold load of a program on the device is in force; it has no deadline.',
  });
  await holds.hold('load', HOUR);
  expect(await apply([])).toMatchObject({
    until: clock.now() + HOUR,
    detail: 'The hold load of a program on the device is in force until 2026-01-01 01:00 (UTC).',
  });
  await holds.hold('load', null);
  const limit: Inhibit[] = [
    { holds: true, deadline: '3h' },
    goesAhead('2h', { holds: true }),
    { holds: true },
  ];
  expect(await apply(limit)).toMatchObject({ until: clock.now() + 2 * HOUR });
  await clock.advance(2 * HOUR);
  expect(await apply(limit)).toEqual({ open: true });
  await holds.release('load');
  expect(await apply([{ holds: true }])).toEqual({ open: true });
});

it('several are named, each with its end; the gate opens with the last', async () => {
  const { clock, file, apply } = await device();
  const inhibit: Inhibit[] = [
    goesAhead('1h', { file: file('a') }),
    goesAhead('2h', { file: file('b'), command: 'exit 1' }),
    goesAhead('3h', { file: file('c') }),
    { file: '/run/nothing' },
  ];
  expect(await apply(inhibit)).toMatchObject({
    until: clock.now() + 3 * HOUR,
    detail:
      'The file /run/a exists; it goes ahead at 2026-01-01 01:00 (UTC) at the latest. ' +
      'The file /run/b exists; it goes ahead at 2026-01-01 02:00 (UTC) at the latest. ' +
      'The command `exit 1` ended with status 1; it goes ahead at 2026-01-01 02:00 (UTC) at the latest. ' +
      '1 more hold it back.',
  });
  await clock.advance(2 * HOUR);
  expect(await apply(inhibit)).toMatchObject({
    detail: 'The file /run/c exists; it goes ahead at 2026-01-01 03:00 (UTC) at the latest.',
  });
});

it('however long names and outputs are, the detail fits into a report', async () => {
  const { apply } = await device();
  const noise = 'head -c 100000 /dev/zero | tr "\\0" x; exit 1';
  const inhibit = Array.from({ length: 9 }, () => ({ command: `${noise} # ${'y'.repeat(4000)}` }));
  const gate = await apply(inhibit);
  expect(gate.open ? '' : gate.detail.length).toBeLessThan(2048);
  expect(gate).toMatchObject({ detail: expect.stringMatching(/6 more hold it back\.$/) });
});

it('inhibitors are not looked at while no window is open', async () => {
  const { root, apply } = await device();
  const mark = join(root, 'mark');
  const windows = [{ apply: [{ at: '02:00', duration: '1h' }] }];
  expect(await apply([{ command: `: > ${mark}; exit 1` }], { windows })).toMatchObject({
    reason: 'window',
  });
  expect(existsSync(mark)).toBe(false);
});

it('goes on with a full disk', async () => {
  const { clock, root, state, holds, file } = await device();
  const busy = file('busy');
  const full = {
    ...files,
    writeNew: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
  };
  const gates = createGates({
    ...{ commands: createCommands({ clock }), files: full, clock, root, state, holds },
    ...{ device: 'd', log: silentLog, zone: async () => ({ zone: 'UTC', warning: null }) },
  });
  const policy: DevicePolicy = { inhibit: [goesAhead('1h', { file: busy })] };
  expect((await gates.ask(policy, point())).apply).toMatchObject({ reason: 'inhibited' });
  await clock.advance(HOUR);
  expect((await gates.ask(policy, point())).apply).toEqual({ open: true });
});
