import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DriverJob } from '../../../agent/drivers/external-drivers.ts';
import { JamesError } from '../../../proto/errors.ts';
import { silentLog } from '../../../proto/log.ts';
import { externalDrivers, jobOf, putDriver } from '../../support/external-driver.ts';
import { createPacketDevice } from '../../support/packet-device.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;

/** A driver `d` with this body of shell. */
function withDriver(body: string, over: Parameters<typeof externalDrivers>[1] = {}) {
  const base = temporaryDirectory();
  const file = putDriver(join(base, 'drivers'), 'd', `#!/bin/sh\n${body}\n`);
  const lines: string[] = [];
  const job = (step: Partial<DriverJob['step']> = {}): DriverJob => jobOf('d', step, lines);
  return { base, file, lines, job, drivers: externalDrivers(base, over) };
}

const rejection = async (act: Promise<unknown>): Promise<JamesError> =>
  await act.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => {
      if (error instanceof JamesError) return error;
      throw error;
    },
  );

describe('which drivers there are', () => {
  it('programs that nobody else can change, by name; what is not used is said once', async () => {
    const base = temporaryDirectory();
    const directory = join(base, 'drivers');
    putDriver(directory, 'good', '');
    putDriver(directory, 'a-1', '', 0o700);
    putDriver(directory, 'README.md', '');
    putDriver(directory, 'plain', '', 0o644);
    putDriver(directory, 'open', '', 0o757);
    putDriver(directory, 'group', '', 0o775);
    mkdirSync(join(directory, 'folder'));
    symlinkSync('good', join(directory, 'linked'));
    const told: string[] = [];
    const log = { ...silentLog, warn: (_: object, text: string) => void told.push(text) };
    const drivers = externalDrivers(base, { log });
    expect(await drivers.names()).toEqual(['a-1', 'good']);
    expect(await drivers.names()).toEqual(['a-1', 'good']);
    expect(told.map((line) => line.replace(`${directory}/`, ''))).toEqual([
      'README.md is not used as a driver: names of drivers have lower-case letters, digits and "-", at most 64.',
      'folder is not used as a driver: it is no regular file.',
      'group is not used as a driver: other users may write to it.',
      'linked is not used as a driver: it is no regular file.',
      'open is not used as a driver: other users may write to it.',
      'plain is not used as a driver: it is not executable.',
    ]);
  });

  it('none where the directory is absent, or others may write to it', async () => {
    const base = temporaryDirectory();
    expect(await externalDrivers(base).names()).toEqual([]);
    putDriver(join(base, 'drivers'), 'd', '');
    chmodSync(join(base, 'drivers'), 0o777);
    expect(await externalDrivers(base).names()).toEqual([]);
    const error = await rejection(externalDrivers(base).change(jobOf('d')));
    expect(error).toMatchObject({ code: 'driver-missing' });
    expect(error.message).toContain('other users may write to it');
  });

  it('a driver of another user is not used', async () => {
    const base = temporaryDirectory();
    putDriver(join(base, 'drivers'), 'd', '');
    const user = { uid: 12_345 };
    const owner = lstatSync(join(base, 'drivers')).uid;
    const names = await externalDrivers(base, { user }).names();
    expect(names).toEqual(owner === 0 ? ['d'] : []);
  });

  it('a packet whose driver is not there is refused by its name', async () => {
    const base = temporaryDirectory();
    const error = await rejection(externalDrivers(base).prepare(jobOf('absent'), '/x', never));
    expect(error).toMatchObject({ code: 'driver-missing' });
    expect(error.message).toContain('no driver absent');
  });
});

describe('what a driver gets', () => {
  it('the verb, one JSON object, and the same as variables', async () => {
    const { base, drivers, job } = withDriver(
      'cat > "$JAMESD_STATE/in"; env > "$JAMESD_STATE/env"; echo "$#$1" > "$JAMESD_STATE/args"; echo "{}"',
    );
    const old = `sha256:${'0'.repeat(64)}`;
    const step = { kind: 'upgrade', from: old, oldVersion: '0 "x"' } as const;
    await drivers.change(job(step));
    const state = join(base, 'state/drivers/d/state');
    const read = (name: string): string => readFileSync(join(state, name), 'utf8');
    expect(JSON.parse(read('in'))).toEqual({
      protocol: 1,
      verb: 'install',
      transaction: 't1',
      action: 'upgrade',
      packet: { name: 'image', id: job().step.to, version: '1' },
      old: { name: 'image', id: old, version: '0 "x"' },
      payload: null,
      state,
      root: join(base, 'root'),
      timeoutMs: 5000,
    });
    expect(read('args')).toBe('1install\n');
    expect(read('env').split('\n')).toEqual(
      expect.arrayContaining([
        'JAMESD_VERB=install',
        'JAMESD_OLD_VERSION=0 "x"',
        'JAMESD_NEW_VERSION=1',
        `JAMESD_STATE=${state}`,
      ]),
    );
    expect(lstatSync(state).mode & 0o777).toBe(0o700);
  });

  it('at a removal the packet that goes', async () => {
    const { base, drivers, job } = withDriver('cat > "$JAMESD_STATE/in"; echo "{}"');
    const old = `sha256:${'0'.repeat(64)}`;
    await drivers.change(
      job({ kind: 'remove', from: old, to: null, oldVersion: '1', newVersion: '' }),
    );
    const request = JSON.parse(readFileSync(join(base, 'state/drivers/d/state/in'), 'utf8'));
    const packet = { name: 'image', id: old, version: '1' };
    expect(request).toMatchObject({ verb: 'remove', action: 'remove', packet, old: packet });
  });

  it('a driver that does not read what it is given is no failure', async () => {
    const { drivers, job } = withDriver('exec 0<&-; echo "{}"');
    await drivers.change(job({ newVersion: 'x'.repeat(100_000) }));
  });

  it('what it writes to its standard error, and its message, are lines of the log', async () => {
    const { drivers, job, lines } = withDriver(
      'echo one >&2; echo two >&2; echo \'{"message":"well"}\'',
    );
    await drivers.change(job());
    expect(lines).toEqual(['one', 'two', 'well'].map((line) => `image d install: ${line}`));
  });
});

describe('what a driver answers', () => {
  it.each([
    ['nothing', ':', 'it wrote nothing'],
    ['no JSON', 'echo hello', 'it is not one JSON object'],
    ['two objects', 'echo "{}"; echo "{}"', 'it is not one JSON object'],
    ['another kind of JSON', 'echo "[]"', 'the value must be object'],
    ['a wrong member', 'echo \'{"message":1}\'', '"message" must be string'],
    ['binary', 'head -c 1000 /dev/zero', 'it is not one JSON object'],
    [
      'deep nesting',
      'printf "%0100000d" 0 | tr 0 "[" | head -c 60000',
      'it is not one JSON object',
    ],
    ['too much', 'yes | head -c 3000000; echo "{}"', 'it wrote more than 64 KiB'],
  ])('%s is a failure that says so', async (_what, body, why) => {
    const { drivers, job } = withDriver(body);
    const error = await rejection(drivers.change(job()));
    expect(error).toMatchObject({ code: 'driver-failed', retryable: false });
    expect(error.message).toContain(`The driver d gave no good answer to install: ${why}`);
  });

  it.each([
    ['exit 1', 'driver-failed', 'The driver d failed at install with status 1.'],
    [
      'echo \'{"message":"no slot."}\'; exit 3',
      'driver-failed',
      'The driver d failed at install with status 3: no slot.',
    ],
    [
      'echo a >&2; echo last >&2; echo nonsense; exit 1',
      'driver-failed',
      'The driver d failed at install with status 1: last.',
    ],
    [
      'echo \'{"message":"a\\u0007b"}\'; exit 75',
      'driver-busy',
      'The driver d cannot do install now: a b.',
    ],
    ['exit 69', 'driver-failed', 'The driver d does not support install, which every driver must.'],
    ['kill -9 $$', 'driver-busy', 'The driver d was ended by SIGKILL in install.'],
  ])('%s', async (body, code, message) => {
    const { drivers, job } = withDriver(body);
    expect(await rejection(drivers.change(job()))).toMatchObject({ code, message });
  });

  it('one that cannot be started', async () => {
    const { drivers, job, file } = withDriver('');
    writeFileSync(file, '#!/no/such/interpreter\n');
    const error = await rejection(drivers.change(job()));
    expect(error.message).toBe('The driver d could not be started for install (ENOENT).');
  });

  it('what is optional may be left out', async () => {
    const { drivers, job } = withDriver('exit 69');
    await drivers.commit(job());
    expect(await drivers.health(job(), never)).toBeNull();
    expect(await drivers.needsReboot(job())).toBe(false);
    expect(await rejection(drivers.rollback(job()))).toMatchObject({ code: 'driver-failed' });
  });

  it('health says what is wrong, and whether to reboot', async () => {
    const { drivers, job } = withDriver(
      'if [ $1 = health ]; then echo \'{"message":"no picture"}\'; exit 1; fi; echo \'{"reboot":true}\'',
    );
    expect(await drivers.health(job(), never)).toBe(
      'The driver d failed at health with status 1: no picture.',
    );
    expect(await drivers.needsReboot(job())).toBe(true);
  });

  it('takes no longer than its time limit, with all that it started', async () => {
    const { drivers, job, base } = withDriver('sleep 60 & echo $! > "$JAMESD_STATE/child"; wait');
    const error = await rejection(drivers.change({ ...job(), timeoutMs: 300 }));
    expect(error).toMatchObject({
      code: 'driver-busy',
      message: 'The driver d took longer than 0.3 s for install and was ended.',
    });
    const child = readFileSync(join(base, 'state/drivers/d/state/child'), 'utf8').trim();
    await until(
      'the child ended',
      () =>
        !existsSync(`/proc/${child}/cmdline`) ||
        readFileSync(`/proc/${child}/cmdline`, 'utf8') === '',
    );
  });
});

describe('the content of a packet', () => {
  it('lies unpacked beside the driver until commit or rollback', async () => {
    const { drivers, job, base } = withDriver(
      'echo "{\\"message\\":\\"$1 $(cat "$JAMESD_PAYLOAD/a/f" 2>/dev/null)\\"}"',
    );
    const device = createPacketDevice(join(base, 'device'));
    const packet = await device.build({
      name: 'image',
      data: {
        'a/f': { text: 'content', mode: 0o640 },
        l: { link: 'a/f' },
        h: { same: 'a/f' },
        e: { directory: 0o755 },
      },
    });
    for (const end of ['commit', 'rollback'] as const) {
      const lines: string[] = [];
      const own = { ...jobOf('d', { to: packet.id }, lines), transaction: end };
      const payload = join(base, `state/drivers/d/payload/${end}.image`);
      await drivers.prepare(own, device.fileOf(packet), never);
      await drivers.prepare(own, device.fileOf(packet), never);
      expect(readdirSync(payload).sort()).toEqual(['a', 'e', 'h', 'l']);
      expect(lstatSync(join(payload, 'a/f')).mode & 0o777).toBe(0o640);
      await drivers.change(own);
      await drivers[end](own);
      expect(existsSync(payload)).toBe(false);
      const said = (verb: string): string => `image d ${verb}: ${verb} content`;
      expect(lines).toEqual([said('prepare'), said('prepare'), said('install'), said(end)]);
    }
    expect(job().transaction).toBe('t1');
  });

  it('is refused if it is not what was verified, and when the change is given up', async () => {
    const { drivers, job, base } = withDriver('echo "{}"');
    const device = createPacketDevice(join(base, 'device'));
    const packet = await device.build({ name: 'image', data: { f: 'x' } });
    const file = device.fileOf(packet);
    expect(await rejection(drivers.prepare(job(), file, never))).toMatchObject({
      code: 'digest-mismatch',
    });
    const given = AbortSignal.abort(new Error('superseded'));
    expect(
      await drivers.prepare(job({ to: packet.id }), file, given).catch(({ message }) => message),
    ).toBe('superseded');
  });

  it('of an older transaction goes with the next', async () => {
    const { drivers, job, base } = withDriver('echo "{}"');
    const device = createPacketDevice(join(base, 'device'));
    const packet = await device.build({ name: 'image', data: { f: 'x' } });
    const own = job({ to: packet.id });
    await drivers.prepare({ ...own, transaction: 't0' }, device.fileOf(packet), never);
    await drivers.prepare(own, device.fileOf(packet), never);
    expect(readdirSync(join(base, 'state/drivers/d/payload'))).toEqual(['t1.image']);
  });
});

describe('a driver that fails where there is no other way', () => {
  const failing =
    'echo x >> "$JAMESD_STATE/calls"; [ $(wc -l < "$JAMESD_STATE/calls") -gt 2 ] || exit 75; echo "{}"';

  it('is asked again to roll back when it says "later"', async () => {
    const { drivers, job } = withDriver(failing, { pausesMs: [1, 1, 1] });
    await drivers.rollback(job());
    const other = withDriver('exit 75', { pausesMs: [1, 1] });
    expect(await rejection(other.drivers.rollback(other.job()))).toMatchObject({
      code: 'driver-busy',
    });
  });

  it('keeps a commit open, but not for ever', async () => {
    const { drivers, job, lines } = withDriver('echo "{\\"message\\":\\"worn out\\"}"; exit 1');
    for (let n = 1; n < 10; n += 1)
      expect(await rejection(drivers.commit(job()))).toMatchObject({ code: 'driver-failed' });
    await drivers.commit(job());
    expect(lines).toEqual([
      'image d commit: The driver d failed at commit with status 1: worn out. It was tried 10 times and is passed over; what is installed stays.',
    ]);
    expect(await rejection(drivers.commit(job()))).toMatchObject({ code: 'driver-failed' });
  });
});

it('what runs on of a driver whose agent was killed is ended before it is rolled back', async () => {
  const { drivers, job, base } = withDriver(
    '[ $1 = install ] || { kill -0 "$(cat "$JAMESD_STATE/pid")" && exit 1; echo "{}"; exit 0; }; echo $$ > "$JAMESD_STATE/pid.new"; mv "$JAMESD_STATE/pid.new" "$JAMESD_STATE/pid"; exec sleep 60',
  );
  const running = rejection(drivers.change({ ...job(), timeoutMs: 60_000 }));
  const noted = join(base, 'state/drivers/d/running');
  await until(
    'the driver runs',
    () => existsSync(join(base, 'state/drivers/d/state/pid')) && existsSync(noted),
  );
  await externalDrivers(base).rollback(job());
  expect(await running).toMatchObject({ code: 'driver-busy' });
  expect(existsSync(noted)).toBe(false);
});
