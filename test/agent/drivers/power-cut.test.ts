import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTransactions } from '../../../agent/drivers/transactions.ts';
import { createClock } from '../../../agent/system/clock.ts';
import type { Files } from '../../../agent/system/files.ts';
import type { Outcome } from '../../../agent/transaction.ts';
import type { WantedPacket } from '../../../proto/desired.ts';
import { silentLog } from '../../../proto/log.ts';
import { createPacketDevice, targetOf } from '../../support/packet-device.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { crashStates, type DiskEvent } from '../../support/simulated-disk/crash-states.ts';
import {
  copyState,
  type DiskState,
  emptyDisk,
  find,
  type Listed,
  listBelow,
} from '../../support/simulated-disk/disk-state.ts';
import { createSimulatedDisk } from '../../support/simulated-disk/simulated-disk.ts';
import { surroundings } from '../../support/surroundings.ts';

const isFull = process.env.JAMESD_FULL !== undefined;
const SEED = Number(process.env.JAMESD_SEED ?? 1);
const quiet = { phase: () => undefined, progress: () => undefined, log: () => undefined };
const clock = createClock();

/** An agent's transactions on a disk in memory; scripts end well and change nothing. */
function agentOn(files: Files) {
  let id = 0;
  const exited = { end: 'exited', code: 0, output: '', stdout: '', truncated: false } as const;
  return createTransactions({
    ...{ root: '/root', state: '/state', files, clock, log: silentLog, packages: null },
    commands: { run: async () => exited },
    downloads: {
      fetch: async ({ id: packet }) => `/packets/${packet.slice(7)}.jpk`,
      retain: async () => undefined,
    },
    user: { uid: 0, gid: 0 },
    newId: () => {
      id += 1;
      return `tx${id}`;
    },
    surroundings: surroundings(),
  }).transactions;
}

const bring = (files: Files, revision: number, packets: WantedPacket[]): Promise<Outcome> =>
  agentOn(files).converge(targetOf(revision, packets), quiet, new AbortController().signal);

interface Scene {
  /** The disk before the transaction. */
  start: DiskState;
  after: WantedPacket[];
  oldTree: Record<string, Listed>;
  newTree: Record<string, Listed>;
}

/** One transaction that installs, upgrades and removes, with files, links and directories that change their kind. */
async function prepare(): Promise<Scene> {
  const device = createPacketDevice();
  const before = [
    await device.build({
      name: 'a',
      labels: { version: '1' },
      config: ['/etc/a.conf'],
      data: {
        'etc/a.conf': 'one',
        'usr/bin/a': { text: 'a1', mode: 0o4755 },
        'usr/bin/a-again': { same: 'usr/bin/a' },
        'to-link/inner/x': 'x',
        'to-directory': 'file',
        'moves/over': 'from a',
      },
    }),
    await device.build({ name: 'gone', data: { 'etc/motd': 'theirs', 'opt/gone/x/y': 'y' } }),
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
      scripts: { preinst: '#!/bin/sh\n', postinst: '#!/bin/sh\n' },
    }),
    await device.build({ name: 'b', depends: ['a'], data: { 'moves/over': 'to b', taken: 'b' } }),
  ];
  const disk = createSimulatedDisk(emptyDisk());
  for (const directory of ['/root', '/root/etc', '/packets'])
    await disk.files.makeDirectory(directory, 0o755);
  const put = (path: string, content: Uint8Array) =>
    disk.files.writeNew(path, content, { mode: 0o644, sync: true });
  await put('/root/etc/motd', Buffer.from('of nobody'));
  await put('/root/taken', Buffer.from('of nobody too'));
  for (const packet of [...before, ...after])
    await put(`/packets/${packet.id.slice(7)}.jpk`, readFileSync(device.fileOf(packet)));
  expect(await bring(disk.files, 1, before)).toEqual({ kind: 'converged' });
  const start = copyState(disk.state);
  const forward = createSimulatedDisk(copyState(start));
  expect(await bring(forward.files, 2, after)).toEqual({ kind: 'converged' });
  const [oldTree, newTree] = [start, forward.state].map((state) => listBelow(state, '/root'));
  return { start, after, oldTree: oldTree ?? {}, newTree: newTree ?? {} };
}

/** After a start on what a power cut left, the device is wholly old or wholly new, and nothing lies about. */
async function recoverOn(scene: Scene, left: DiskState, where: string): Promise<DiskEvent[]> {
  const from = copyState(left);
  const disk = createSimulatedDisk(from);
  await agentOn(disk.files).recover();
  const tree = listBelow(disk.state, '/root');
  const { packets } = await agentOn(disk.files).installed();
  const isNew = packets.some(({ name }) => name === 'b');
  expect(tree, `${where}: ${isNew ? 'new' : 'old'}`).toEqual(isNew ? scene.newTree : scene.oldTree);
  const names = [...(disk.state.get(find(disk.state, '/state') ?? 0)?.entries.keys() ?? [])];
  expect(names.sort(), where).toEqual(['installed', 'installed.json', 'kept']);
  left.clear();
  for (const [ino, inode] of from) left.set(ino, inode);
  return disk.events;
}

/** Every state that a power cut within these events can leave. */
function* cuts(start: DiskState, events: readonly DiskEvent[], every: number) {
  const random = seededRandom(SEED);
  for (let length = 0; length <= events.length; length += every) {
    const states = crashStates(start, events.slice(0, length), random, isFull ? 8 : 1);
    for (const [index, state] of states.entries()) yield { state, length, index };
  }
}

it(
  'a power cut at any time leaves the old device or the new one, whatever was not synced',
  async () => {
    const scene = await prepare();
    const start = copyState(scene.start);
    const disk = createSimulatedDisk(start);
    await bring(disk.files, 2, scene.after);
    expect(disk.events.length).toBeGreaterThan(100);
    for (const { state, length, index } of cuts(start, disk.events, isFull ? 1 : 5))
      await recoverOn(scene, state, `seed ${SEED}, cut after ${length}, state ${index}`);
  },
  isFull ? 1_200_000 : 120_000,
);

it(
  'a second power cut while the first is being put right changes nothing of that',
  async () => {
    const scene = await prepare();
    const start = copyState(scene.start);
    const disk = createSimulatedDisk(start);
    await bring(disk.files, 2, scene.after);
    const step = Math.ceil(disk.events.length / (isFull ? 40 : 6));
    for (let length = step; length < disk.events.length; length += step) {
      const [, left] = crashStates(start, disk.events.slice(0, length), seededRandom(SEED), 0);
      if (!left) continue;
      const again = await recoverOn(scene, left, `first cut after ${length}`);
      for (const { state, length: second } of cuts(left, again, isFull ? 1 : 7))
        await recoverOn(scene, state, `cut after ${length}, again after ${second}`);
    }
  },
  isFull ? 1_200_000 : 120_000,
);
