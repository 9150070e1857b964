import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type DriverTestRequest, driverTest } from '../../../agent/commands/driver-test.ts';
import { PROMISES } from '../../../agent/external/conformance/promises.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createCommands } from '../../../agent/system/commands.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { randomId } from '../../../agent/system/random-id.ts';
import { currentUser } from '../../../agent/system/user.ts';
import { AB_IMAGE, putAbImage, putDriver } from '../../support/external-driver.ts';
import { createPacketDevice } from '../../support/packet-device.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** The driver of the worked example, with two packets; `change` edits its text. */
async function scene(change: (text: string) => string = (text) => text) {
  const base = temporaryDirectory();
  const device = createPacketDevice(base);
  putAbImage(join(base, 'drivers'), device.root);
  const file = join(base, 'drivers/ab-image');
  const text = readFileSync(file, 'utf8');
  putDriver(join(base, 'drivers'), 'ab-image', change(text));

  const packets: string[] = [];
  for (const version of ['1', '2']) {
    const data = { 'image.img': `works ${version}` };
    const control = { driver: 'ab-image' };
    packets.push(
      device.fileOf(await device.build({ name: 'image', labels: { version }, data, control })),
    );
  }
  return { device, file, packets };
}

async function run(request: Partial<DriverTestRequest> & { file: string }) {
  const clock = createClock();
  let out = '';
  const status = await driverTest(
    {
      packets: [],
      root: null,
      timeoutMs: 10_000,
      only: '',
      verbose: false,
      format: 'text',
      ...request,
    },
    {
      ...{ clock, files: createNodeFiles(), commands: createCommands({ clock }) },
      ...{ user: currentUser(), newId: randomId, writeError: () => undefined },
      writeOut: (text) => {
        out += text;
      },
    },
  );
  return { status, out };
}

it('the worked example keeps every promise, and nothing of it stays', async () => {
  const { device, file, packets } = await scene();
  const { status, out } = await run({ file, packets, root: device.root });
  expect(out).toContain(`\n${PROMISES.length} promises are kept, 0 are not, 0 were not tried.\n`);
  expect(status).toBe(0);
  expect(existsSync(join(device.root, 'var/lib/ab-image/current'))).toBe(false);
}, 120_000);

it('tells as JSON, and what takes a second packet is skipped', async () => {
  const { file, packets } = await scene();
  const given = { packets: packets.slice(0, 1), format: 'json' as const, only: 'upgrade' };
  const { driver, promises } = JSON.parse((await run({ file, ...given })).out);
  expect(driver).toBe('ab-image');
  const skipped = promises.filter(({ result }: { result: string }) => result === 'skipped');
  expect(skipped).toHaveLength(PROMISES.filter(({ upgrade }) => upgrade).length);
  expect(skipped[0]).toMatchObject({ why: 'it takes a second --packet' });
}, 120_000);

it.each([
  [
    'a rollback that does nothing',
    (text: string) => text.replace('switch_to "$before"', ':'),
    'install: an unhealthy packet',
  ],
  [
    'one that installs when it prepares',
    (text: string) =>
      text.replace('put "$state/slot-$target.is"', 'put "$state/slot-$(current).is"'),
    'upgrade: prepare alone',
  ],
  [
    'one that answers nothing at commit',
    (text: string) =>
      text.replace(
        'flush "$state"\n  fi\n  answer \'{}\'\n  ;;\nhealth',
        'flush "$state"\n  fi\n  exit 0\n  ;;\nhealth',
      ),
    'install: prepare, install, commit bring it, each',
  ],
  [
    'one that takes every verb',
    (text: string) => text.replace('exit 69', "answer '{}'"),
    'a verb that it does not know',
  ],
])(
  'finds %s',
  async (_what, change, promise) => {
    const { device, file, packets } = await scene(change);
    const good = readFileSync(join(AB_IMAGE, 'ab-image'), 'utf8');
    expect(change(good)).not.toBe(good);
    const { status, out } = await run({ file, packets, root: device.root, only: promise });
    expect(status).toBe(1);
    expect(out).toMatch(/^failed /);
    expect(out).toContain(promise);
  },
  120_000,
);

it('refuses what is no driver, and packets of another one', async () => {
  const { file, packets } = await scene();
  await expect(run({ file: `${file}-x`, packets })).rejects.toThrow('it is not there');
  await expect(run({ file, packets: [packets[0] ?? '', packets[0] ?? ''] })).rejects.toThrow(
    'must be different ones of the same name',
  );
  const other = file.replace('ab-image', 'other');
  copyFileSync(file, other);
  await expect(run({ file: other, packets })).rejects.toThrow(
    'The packet image names the driver ab-image, not other.',
  );
  chmodSync(other, 0o644);
  await expect(run({ file: other, packets })).rejects.toThrow('it is not executable');
  writeFileSync(packets[0] ?? '', 'no packet');
  await expect(run({ file, packets })).rejects.toThrow();
});
