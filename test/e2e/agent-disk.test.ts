import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, leftovers, startWorld } from '../support/agent-world.ts';
import type { AgentProcess } from '../support/fleet.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { listTree, treeDifference } from '../support/tree.ts';

const canMount = process.getuid?.() === 0;
const MIB = 1024 * 1024;
const random = seededRandom(3);
const noise = (size: number): string =>
  Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 95) + 32)).toString(
    'latin1',
  );

/** Appends a little; false if the disk is full. */
function appends(file: string): boolean {
  try {
    appendFileSync(file, Buffer.alloc(512));
    return true;
  } catch {
    return false;
  }
}

/** A device whose root and state lie on a file system of a few MiB. */
describe.runIf(canMount)('a full disk', () => {
  let world: AgentWorld;
  const mounts: string[] = [];
  const mount = (path: string, size: string): void => {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'jamesd-test', path]);
    mounts.push(path);
  };
  const unmount = (path: string): void => {
    execFileSync('umount', ['-l', path]);
    mounts.splice(mounts.indexOf(path), 1);
  };
  const free = (path: string): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  /** Takes all space but so many bytes; with 0 not one more byte can be written. */
  const fill = (path: string, leave: number): void => {
    const file = join(path, 'filler');
    writeFileSync(file, Buffer.alloc(Math.max(0, free(path) - leave)));
    for (let isFull = leave > 0; !isFull; ) isFull = !appends(file);
  };
  const want = (device: string, version: string): Promise<void> =>
    world.want(device, [{ name: 'disk', labels: { version } }]);
  const begin = async (device: string): Promise<AgentProcess> => {
    mount(world.path(device), '24m');
    const agent = await world.join(device);
    await want(device, '1');
    await world.converged(agent);
    return agent;
  };
  const isIntact = (agent: AgentProcess, before: ReturnType<typeof listTree>): void => {
    expect(treeDifference(listTree(agent.root), before)).toEqual([]);
    expect(leftovers(agent.root)).toEqual([]);
    expect(existsSync(join(agent.state, 'journal'))).toBe(false);
  };

  beforeAll(async () => {
    world = await startWorld();
    for (const [version, size] of [
      ['1', 10],
      ['2', 4 * MIB],
      ['3', 20],
    ] as const)
      await world.put({
        name: 'disk',
        labels: { version },
        data: { 'opt/disk/big': noise(size), 'opt/disk/version': version },
      });
  });
  afterAll(async () => {
    await world?.stop().catch(() => {});
    for (const path of [...mounts]) unmount(path);
    if (world) rmSync(world.directory, { recursive: true, force: true });
  });

  const failsAndGoesOn = async (device: string, leave: number): Promise<void> => {
    const agent = await begin(device);
    const before = listTree(agent.root);
    fill(world.path(device), leave);
    await want(device, '2');
    const view = await world.reaches(agent, ({ phase }) => phase === 'failed');
    expect(view.reason).toMatch(/space|make room/);
    expect(view.reported?.retryAt).not.toBe(null);
    expect(view.reported?.packets).toMatchObject([{ name: 'disk', status: 'installed' }]);
    expect(agent.running.stderr()).toContain('"code":"no-space"');
    isIntact(agent, before);
    rmSync(world.path(device, 'filler'));
    await world.converged(agent, 60_000);
    expect(readFileSync(join(agent.root, 'opt/disk/version'), 'utf8')).toBe('2');
  };

  it('with no room for the download, or for the new files, fails before anything is touched, and goes on later', async () => {
    const cases: [string, number][] = [
      ['no-download', MIB],
      ['no-install', 6 * MIB],
    ];
    await Promise.all(cases.map(([device, leave]) => failsAndGoesOn(device, leave)));
  });

  it('that has not one byte left still says so, also after a restart, and converges later', async () => {
    const device = 'brimful';
    const agent = await begin(device);
    const before = listTree(agent.root);
    fill(world.path(device), 0);
    await want(device, '2');
    const view = await world.reaches(agent, ({ phase }) => phase === 'failed');
    expect(view.reason).toMatch(/space|make room/);
    isIntact(agent, before);
    await agent.stop('SIGKILL');
    const again = world.start(device);
    await want(device, '3');
    const later = await world.reaches(
      again,
      ({ phase, reported, desired }) =>
        phase === 'failed' && reported?.seen?.revision === desired?.revision,
    );
    expect(later.reason).toMatch(/space|make room/);
    isIntact(again, before);
    rmSync(world.path(device, 'filler'));
    await world.converged(again, 60_000);
    expect(readdirSync(join(again.root, 'opt/disk'))).toEqual(['big', 'version']);
    expect(readFileSync(join(again.root, 'opt/disk/version'), 'utf8')).toBe('3');
  });
});
