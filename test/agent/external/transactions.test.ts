import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../../agent/system/clock.ts';
import { createCommands } from '../../../agent/system/commands.ts';
import type { Files } from '../../../agent/system/files.ts';
import type { Outcome, Reporter } from '../../../agent/transaction.ts';
import type { WantedPacket } from '../../../proto/desired.ts';
import { externalDrivers, putAbImage, putDriver } from '../../support/external-driver.ts';
import { createPacketDevice, failureOf, type PacketDevice } from '../../support/packet-device.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { listTree, type TreeListing, treeDifference } from '../../support/tree.ts';
import { Died, dyingFiles } from '../../support/watched-files.ts';

const isFull = process.env.JAMESD_FULL !== undefined;
const clock = createClock();
const quiet: Reporter = { phase() {}, progress() {}, log() {} };

/** A device with the driver of the worked example. */
interface ImageDevice extends PacketDevice {
  base: string;
  /** False once the agent's process is dead: it starts no programs any more. */
  life: { alive(): boolean; boot: string; restarts: string[] };
  /** The content of the image in use; null if there is none. */
  image(): string | null;
  /** Everything else below the root. */
  tree(): TreeListing;
  /** What the driver says is installed. */
  listed(): string[];
}

function createImageDevice(config = ''): ImageDevice {
  const base = temporaryDirectory();
  const directory = join(base, 'drivers');
  const life: ImageDevice['life'] = { alive: () => true, boot: 'boot-1', restarts: [] };
  const commands = createCommands({ clock });
  const around = (files: Files) => ({
    external: externalDrivers(base, {
      ...{ files, pausesMs: [] },
      commands: {
        run: async (command) => {
          if (!life.alive()) throw new Died('a dead process starts no program');
          return await commands.run(command);
        },
      },
    }),
    moment: { boot: life.boot, run: 'run' },
    restart: async (of: string) => void life.restarts.push(of),
  });
  const device = createPacketDevice(base, around);
  putAbImage(directory, device.root, config);
  const slots = join(device.root, 'var/lib/ab-image');
  return {
    ...device,
    ...{ base, life },
    image: () =>
      existsSync(join(slots, 'current')) ? readFileSync(join(slots, 'current'), 'utf8') : null,
    tree: () =>
      Object.fromEntries(
        Object.entries(listTree(device.root)).filter(([path]) => !path.startsWith('var')),
      ),
    listed: () => {
      const env = { PATH: process.env.PATH ?? '', JAMESD_ROOT: device.root };
      const state = join(device.state, 'drivers/ab-image/state');
      const output = execFileSync(join(directory, 'ab-image'), ['list'], {
        env: { ...env, JAMESD_STATE: state },
        input: '{}',
      });
      const { packets } = JSON.parse(output.toString()) as { packets: { version: string }[] };
      return packets.map(({ version }) => version);
    },
  };
}

const image = (device: PacketDevice, version: string, text = 'works'): Promise<WantedPacket> =>
  device.build({
    ...{ name: 'image', labels: { version }, data: { 'image.img': `${text} ${version}` } },
    control: { driver: 'ab-image', health: { retries: 0, timeout: '5s' } },
  });
const app = (device: PacketDevice, version: string): Promise<WantedPacket> =>
  device.build({ name: 'app', labels: { version }, data: { 'opt/app': version } });
const other = (device: PacketDevice): Promise<WantedPacket> =>
  device.build({ name: 'other', depends: ['image'], data: { 'opt/other': 'o' } });

/** A device with the first image and the first app; its next state has both anew and a further packet. */
async function withFirst(config = '') {
  const device = createImageDevice(config);
  const before = [await app(device, '1'), await image(device, '1')];
  const after = [await app(device, '2'), await image(device, '2'), await other(device)];
  expect(await device.converge(before)).toEqual({ kind: 'converged' });
  return { device, before, after };
}

/** Nothing of a transaction lies about in the driver's directories. */
function expectTidy({ state }: PacketDevice): void {
  expect(readdirSync(join(state, 'drivers/ab-image/payload'))).toEqual([]);
  expect(existsSync(join(state, 'drivers/ab-image/state/open'))).toBe(false);
  expect(existsSync(join(state, 'journal'))).toBe(false);
}

describe('a packet of a driver among packets of files', () => {
  it('is installed, upgraded, taken back and removed with them', async () => {
    const { device, before, after } = await withFirst();
    expect([device.image(), device.listed()]).toEqual(['works 1', ['1']]);
    expect(await device.converge(after)).toEqual({ kind: 'converged' });
    expect([device.image(), device.listed()]).toEqual(['works 2', ['2']]);
    expect(readFileSync(join(device.root, 'opt/app'), 'utf8')).toBe('2');
    expect(existsSync(join(device.root, 'image.img'))).toBe(false);
    expect(await device.converge(before)).toEqual({ kind: 'converged' });
    expect(device.image()).toBe('works 1');
    expect(await device.converge(before.slice(0, 1))).toEqual({ kind: 'converged' });
    expect([device.image(), device.listed()]).toEqual([null, []]);
    expectTidy(device);
  });

  it('that fails its own health check is taken back with all that came with it', async () => {
    const { device, before } = await withFirst();
    const tree = device.tree();
    const bad = [await app(device, '2'), await image(device, '2', 'broken')];
    const failed = failureOf(await device.converge(bad));
    expect(failed).toMatchObject({ undone: true, code: 'unhealthy', retryable: false });
    expect(failed.reason).toContain('the image in slot b is not well');
    expect(device.image()).toBe('works 1');
    expect(treeDifference(device.tree(), tree)).toEqual([]);
    expectTidy(device);
    expect(await device.converge(before)).toEqual({ kind: 'converged' });
  });

  it('of another kind than what is installed is refused', async () => {
    const { device } = await withFirst();
    const files = await device.build({ name: 'image', data: { x: 'x' } });
    expect(failureOf(await device.converge([files])).code).toBe('unsupported');
    expect(device.image()).toBe('works 1');
  });

  it('is refused before anything is touched where its driver is not there', async () => {
    const { device, after } = await withFirst();
    rmSync(join(device.base, 'drivers/ab-image'));
    const tree = device.tree();
    const failed = failureOf(await device.converge(after));
    expect(failed).toMatchObject({ code: 'driver-missing', retryable: false });
    expect(treeDifference(device.tree(), tree)).toEqual([]);
    expect(device.image()).toBe('works 1');
  });
});

describe('a driver that fails at', () => {
  /** Puts a program before the driver that ends with `status` at a verb. */
  function failAt(device: ImageDevice, verb: string, status: number): void {
    const directory = join(device.base, 'drivers');
    const real = join(directory, 'ab-image');
    const text = readFileSync(real, 'utf8');
    putDriver(
      directory,
      'ab-image',
      text.replace('\ncase $verb in', `\n[ $verb != ${verb} ] || exit ${status}\ncase $verb in`),
    );
  }

  it.each([
    ['prepare', 1, 'driver-failed'],
    ['prepare', 75, 'driver-busy'],
    ['install', 1, 'driver-failed'],
    ['install', 75, 'driver-busy'],
    ['install', 69, 'driver-failed'],
    ['needs-reboot', 1, 'driver-failed'],
    ['health', 1, 'unhealthy'],
  ])('%s with %i is taken back', async (verb, status, code) => {
    const { device, after } = await withFirst();
    const tree = device.tree();
    failAt(device, verb, status);
    const failed = failureOf(await device.converge(after));
    expect(failed).toMatchObject({ undone: true, code, retryable: code === 'driver-busy' });
    expect([device.image(), device.listed()]).toEqual(['works 1', ['1']]);
    expect(treeDifference(device.tree(), tree)).toEqual([]);
    expectTidy(device);
  });

  it('remove is taken back', async () => {
    const { device, before } = await withFirst();
    const tree = device.tree();
    failAt(device, 'remove', 1);
    const failed = failureOf(await device.converge(before.slice(0, 1)));
    expect(failed).toMatchObject({ undone: true, code: 'driver-failed' });
    expect(device.image()).toBe('works 1');
    expect(treeDifference(device.tree(), tree)).toEqual([]);
  });

  it('rollback says so beside the first reason, and the rest is taken back', async () => {
    const { device } = await withFirst();
    const tree = device.tree();
    failAt(device, 'rollback', 1);
    const bad = [await app(device, '2'), await image(device, '2', 'broken')];
    const failed = failureOf(await device.converge(bad));
    expect(failed.code).toBe('unhealthy');
    expect(failed.reason).toContain('On the way back: The driver ab-image failed at rollback');
    expect(treeDifference(device.tree(), tree)).toEqual([]);
  });

  it('commit is asked again, and what was installed stays', async () => {
    const { device, after } = await withFirst();
    const good = readFileSync(join(device.base, 'drivers/ab-image'), 'utf8');
    failAt(device, 'commit', 1);
    const failed = failureOf(await device.converge(after));
    expect(failed).toMatchObject({ undone: false, retryable: true });
    expect(device.image()).toBe('works 2');
    putDriver(join(device.base, 'drivers'), 'ab-image', good);
    expect(await device.converge(after)).toEqual({ kind: 'converged' });
    expect([device.image(), device.listed()]).toEqual(['works 2', ['2']]);
    expectTidy(device);
  });
});

describe('a packet whose driver wants a reboot', () => {
  const restarted = { kind: 'restarting', of: 'machine' };

  it('counts after it', async () => {
    const { device, after } = await withReboot();
    expect(await device.converge(after)).toEqual(restarted);
    expect(device.life.restarts).toEqual(['machine']);
    expect(await nextBoot(device)).toEqual({ kind: 'converged' });
    expect([device.image(), device.listed()]).toEqual(['works 2', ['2']]);
    expectTidy(device);
  });

  it('is taken back after it if it is not well, and the machine restarts again', async () => {
    const { device } = await withReboot();
    const bad = [await app(device, '1'), await image(device, '2', 'broken')];
    expect(await device.converge(bad)).toEqual(restarted);
    expect(device.image()).toBe('broken 2');
    expect(await nextBoot(device)).toMatchObject({
      kind: 'failed',
      undone: true,
      code: 'unhealthy',
    });
    expect(device.image()).toBe('works 1');
    expect(device.life.restarts).toEqual(['machine', 'machine']);
    device.life.boot = 'boot-3';
    await device.parts().transactions.recover();
    expect([device.image(), device.life.restarts.length]).toEqual(['works 1', 2]);
    expectTidy(device);
  });

  async function withReboot() {
    const scene = await withFirst();
    writeFileSync(join(scene.device.root, 'etc/ab-image.conf'), 'reboot=yes\n', { flag: 'a' });
    return scene;
  }

  async function nextBoot(device: ImageDevice): Promise<Outcome> {
    device.life.boot = 'boot-2';
    const { transactions } = device.parts();
    expect((await transactions.recover())?.outcome).toEqual({ kind: 'unchecked' });
    return await transactions.conclude(quiet);
  }
});

describe('an agent that dies before any change of the disk', () => {
  it.each(['upgrade', 'remove'] as const)(
    'in an %s leaves the old or the new',
    async (kind) => {
      const { device, before, after } = await withFirst();
      const target = kind === 'upgrade' ? after : before.slice(0, 1);
      const aside = join(device.base, 'aside');
      execFileSync('mkdir', [aside]);
      for (const name of ['root', 'state'] as const)
        execFileSync('cp', ['-a', device[name], aside]);
      const reset = (): void => {
        device.life.alive = () => true;
        for (const name of ['root', 'state'] as const) {
          rmSync(device[name], { recursive: true });
          execFileSync('cp', ['-a', join(aside, name), device[name]]);
        }
      };
      const old = { tree: device.tree(), image: device.image() };
      const counting = dyingFiles(Number.POSITIVE_INFINITY);
      await device.converge(target, { files: counting.files });
      const next = { tree: device.tree(), image: device.image() };
      expect(next.image).not.toEqual(old.image);
      const all = counting.changes();
      const found = new Set<string>();
      for (let n = 1; n <= all; n += isFull ? 1 : 12) {
        reset();
        const dying = dyingFiles(n);
        device.life.alive = () => dying.changes() < n;
        await device.converge(target, { files: dying.files });
        device.life.alive = () => true;
        await device.parts().transactions.recover();
        const { packets } = await device.parts().transactions.installed();
        const isNew = !packets.some(({ id }) => id === before[1]?.id);
        const expected = isNew ? next : old;
        const where = `died before change ${n} of ${all}`;
        expect(device.image(), where).toBe(expected.image);
        expect(treeDifference(device.tree(), expected.tree), where).toEqual([]);
        if (existsSync(join(device.state, 'drivers/ab-image/payload'))) expectTidy(device);
        found.add(isNew ? 'new' : 'old');
      }
      expect([...found].sort()).toEqual(['new', 'old']);
      reset();
    },
    300_000,
  );
});
