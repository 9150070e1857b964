import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WantedPacket } from '../../../proto/desired.ts';
import { createPacketDevice, type PacketDevice, putContent } from '../../support/packet-device.ts';
import { listTree, type TreeListing, treeDifference } from '../../support/tree.ts';
import { dyingFiles } from '../../support/watched-files.ts';

/** A device on which one transaction upgrades, installs and removes, with every kind of change of a path. */
interface Scene {
  device: PacketDevice;
  after: WantedPacket[];
  oldTree: TreeListing;
  newTree: TreeListing;
  /** Puts root and state back to what they were before the transaction. */
  reset(): void;
}

function copyTree(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true });
  execFileSync('cp', ['-a', from, to]);
}

const treeOf = (device: PacketDevice, directoryTimes = false): TreeListing =>
  listTree(device.root, { directoryTimes });

async function prepare(): Promise<Scene> {
  const device = createPacketDevice();
  putContent(device.root, {
    'etc/motd': 'of nobody',
    'usr/share/of-nobody': 'n',
    taken: { link: 'x' },
  });
  const before = [
    await device.build({
      name: 'a',
      labels: { version: '1' },
      config: ['/etc/a.conf'],
      data: {
        'etc/a.conf': 'one',
        'usr/bin/a': { text: 'a1', mode: 0o4755 },
        'usr/bin/a-again': { same: 'usr/bin/a' },
        'to-link': { directory: 0o755 },
        'to-link/inner/x': 'x',
        'to-directory': 'file',
        'moves/over': 'from a',
      },
    }),
    await device.build({ name: 'gone', data: { 'etc/motd': 'theirs', 'opt/gone/x/y/z': 'z' } }),
  ];
  const after = [
    await device.build({
      name: 'a',
      labels: { version: '2' },
      config: ['/etc/a.conf'],
      data: {
        'etc/a.conf': 'two',
        'usr/bin/a': { text: 'a2', mode: 0o755 },
        'to-link': { link: 'usr' },
        'to-directory/inside/x': 'x',
        'usr/lib/a': { link: '../bin/a' },
      },
      scripts: { preinst: '', postinst: '#!/bin/sh\nexit 0\n' },
    }),
    await device.build({ name: 'b', depends: ['a'], data: { 'moves/over': 'to b', taken: 'b' } }),
  ];
  expect(await device.converge(before)).toEqual({ kind: 'converged' });
  writeFileSync(join(device.root, 'etc/a.conf'), 'changed by hand');
  const aside = join(device.root, '..', 'aside');
  for (const name of ['root', 'state'] as const) copyTree(device[name], join(aside, name));
  return { device, after, ...(await bothTrees(device, after, aside)) };
}

async function bothTrees(
  device: PacketDevice,
  after: WantedPacket[],
  aside: string,
): Promise<Pick<Scene, 'oldTree' | 'newTree' | 'reset'>> {
  const reset = (): void => {
    for (const name of ['root', 'state'] as const) {
      rmSync(device[name], { recursive: true });
      copyTree(join(aside, name), device[name]);
    }
  };
  reset();
  const oldTree = treeOf(device, true);
  expect(await device.converge(after)).toEqual({ kind: 'converged' });
  const newTree = treeOf(device);
  reset();
  return { oldTree, newTree, reset };
}

const isFull = process.env.JAMESD_FULL !== undefined;

/** All points from 1 to `all`, or, where time is short, every eighth. */
function pointsOf(all: number): number[] {
  const points = Array.from({ length: all }, (_, index) => index + 1);
  return isFull ? points : points.filter((point) => point % 8 === 1);
}

/** After a start the tree is the old or the new one exactly, and nothing lies about. */
async function recoverAndCheck(scene: Scene, where: string): Promise<void> {
  const { device, oldTree, newTree } = scene;
  const outcome = (await device.parts().transactions.recover())?.outcome;
  const [fromOld, fromNew] = [
    treeDifference(treeOf(device, true), oldTree),
    treeDifference(treeOf(device), newTree),
  ];
  if (fromNew.length > 0) expect(fromOld, `${where}: the old tree`).toEqual([]);
  const { packets, point } = await device.parts().transactions.installed();
  const isNew = packets.some(({ name }) => name === 'b');
  expect(isNew ? fromNew : fromOld, `${where}: the state speaks of another tree`).toEqual([]);
  expect(point?.revision).toBeGreaterThan(0);
  expect(outcome?.kind === 'converged' ? isNew : true, where).toBe(true);
  expect(readdirSync(join(device.state, 'installed'))).toHaveLength(2);
  expect(readdirSync(device.state).sort()).toEqual(['installed', 'installed.json', 'kept']);
}

describe('a process that dies before any change of the disk', () => {
  for (const torn of [false, true]) {
    it(`leaves the old or the new tree after the next start${torn ? ', also with a torn journal' : ''}`, async () => {
      const scene = await prepare();
      const counting = dyingFiles(Number.POSITIVE_INFINITY);
      await scene.device.converge(scene.after, { files: counting.files });
      const all = counting.changes();
      expect(all).toBeGreaterThan(80);
      for (const n of pointsOf(all)) {
        scene.reset();
        await scene.device.converge(scene.after, dyingFiles(n, torn));
        await recoverAndCheck(scene, `died before change ${n} of ${all}`);
        if (n % 5 !== 0) continue;
        expect(await scene.device.converge(scene.after)).toEqual({ kind: 'converged' });
        expect(treeDifference(treeOf(scene.device), scene.newTree)).toEqual([]);
      }
    }, 300_000);
  }

  it('can die again while it puts things back', async () => {
    const scene = await prepare();
    const counting = dyingFiles(Number.POSITIVE_INFINITY);
    await scene.device.converge(scene.after, { files: counting.files });
    const first = Math.floor(counting.changes() * 0.6);
    for (let n = 1; ; n += isFull ? 1 : 6) {
      scene.reset();
      await scene.device.converge(scene.after, dyingFiles(first));
      expect(existsSync(join(scene.device.state, 'journal'))).toBe(true);
      const again = dyingFiles(n);
      const died = await scene.device
        .parts(again.files)
        .transactions.recover()
        .then(
          () => false,
          () => true,
        );
      await recoverAndCheck(scene, `died before change ${n} of the way back`);
      if (!died) break;
    }
  }, 300_000);
});

it('an error at any change leads back to the old tree or on to the new one, in the same process', async () => {
  const scene = await prepare();
  const { watchedFiles } = await import('../../support/watched-files.ts');
  let all = 0;
  await scene.device.converge(scene.after, {
    files: watchedFiles((n) => {
      all = n;
    }),
  });
  for (const last of pointsOf(all)) {
    scene.reset();
    mkdirSync(scene.device.state, { recursive: true });
    const files = watchedFiles((n) => {
      if (n === last)
        throw Object.assign(new Error('ENOSPC: no space left on device'), {
          code: 'ENOSPC',
          syscall: 'write',
        });
    });
    const outcome = await scene.device.converge(scene.after, { files });
    if (outcome.kind === 'failed' && outcome.undone) expect(outcome.code).toBe('no-space');
    await recoverAndCheck(scene, `failed at change ${last} of ${all}`);
  }
}, 300_000);
