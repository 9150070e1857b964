import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Files } from '../../../agent/system/files.ts';
import type { Outcome, Reporter } from '../../../agent/transaction.ts';
import type { WantedPacket } from '../../../proto/desired.ts';
import type { DevicePolicy } from '../../../proto/device-policy.ts';
import { createPacketDevice, type PacketDevice, targetOf } from '../../support/packet-device.ts';
import { listTree, type TreeListing, treeDifference } from '../../support/tree.ts';
import { dyingFiles, watchedFiles } from '../../support/watched-files.ts';

const never = new AbortController().signal;

/** Brings the same state about again, as an agent does whose policy is to repair. */
async function repair(
  device: PacketDevice,
  packets: readonly WantedPacket[],
  { files, policy = { drift: 'repair' } }: { files?: Files; policy?: DevicePolicy } = {},
): Promise<Outcome & { phases: string[] }> {
  const phases: string[] = [];
  const reporter: Reporter = {
    phase: (phase) => phases.push(phase),
    progress: () => undefined,
    log: () => undefined,
  };
  const { transactions } = device.parts(files);
  const target = { ...targetOf(1, packets), policy };
  return { ...(await transactions.converge(target, reporter, never)), phases };
}

const look = async (device: PacketDevice): Promise<string[]> => {
  const { transactions } = device.parts();
  await transactions.look({ check: String(Math.random()) });
  return (await transactions.installed()).packets.map(({ status }) => status);
};

/** Each script writes a line, so that it is known whether it ran. */
const noting = (log: string): Record<string, string> =>
  Object.fromEntries(
    ['preinst', 'postinst', 'prerm', 'postrm', 'health'].map((name) => [
      name,
      `#!/bin/sh\necho ${name} >>${log}\n`,
    ]),
  );

async function prepare() {
  const device = createPacketDevice();
  const log = join(device.root, '..', 'scripts.log');
  const packets = [
    await device.build({
      name: 'a',
      config: ['/etc/a.conf', '/etc/b.conf'],
      data: {
        'etc/a.conf': 'one',
        'etc/b.conf': 'two',
        'usr/bin/a': { text: 'program', mode: 0o4755 },
        'usr/bin/a-again': { same: 'usr/bin/a' },
        'usr/bin/a-link': { link: 'a' },
        'usr/lib/a/deep/module': 'module',
        'usr/lib/a/right': 'right',
        'var/spool/a': { directory: 0o750 },
      },
      scripts: noting(log),
    }),
    await device.build({ name: 'b', data: { 'opt/b/file': 'b' } }),
  ];
  expect(await device.converge(packets)).toEqual({ kind: 'converged' });
  const tree = listTree(device.root);
  rmSync(log);
  return { device, packets, tree, log };
}

/** Everything that can be wrong at once, and a configuration file that people changed. */
function damage({ root }: PacketDevice): void {
  const at = (path: string): string => join(root, path);
  writeFileSync(at('usr/bin/a'), 'PROGRAM');
  chmodSync(at('usr/bin/a'), 0o644);
  unlinkSync(at('usr/bin/a-link'));
  symlinkSync('/nowhere', at('usr/bin/a-link'));
  rmSync(at('usr/lib/a/deep'), { recursive: true });
  unlinkSync(at('etc/b.conf'));
  chmodSync(at('var/spool/a'), 0o700);
  rmSync(at('opt'), { recursive: true });
}

describe('putting back what was changed', () => {
  it('makes the tree what it was, with no script but health, and touches nothing that is right', async () => {
    const { device, packets, tree, log } = await prepare();
    const right = statSync(join(device.root, 'usr/lib/a/right')).ino;
    damage(device);
    expect(await look(device)).toEqual(['modified', 'missing']);
    expect(await repair(device, packets)).toMatchObject({ kind: 'converged' });
    expect(treeDifference(listTree(device.root), tree)).toEqual([]);
    expect(statSync(join(device.root, 'usr/lib/a/right')).ino).toBe(right);
    expect(statSync(join(device.root, 'usr/bin/a')).ino).toBe(
      statSync(join(device.root, 'usr/bin/a-again')).ino,
    );
    expect(readFileSync(log, 'utf8')).toBe('health\n');
    const { transactions } = device.parts();
    const { packets: now } = await transactions.installed();
    expect(now.map(({ status, error }) => [status, error])).toEqual([
      ['installed', null],
      ['installed', null],
    ]);
    expect(readdirSync(device.state).sort()).toEqual([
      'drift.json',
      'installed',
      'installed.json',
      'kept',
    ]);
    expect(await device.converge([])).toEqual({ kind: 'converged' });
    expect(readdirSync(device.root)).toEqual([]);
  });

  it('leaves configuration files, and what lies beside them, as people left them', async () => {
    const { device, packets } = await prepare();
    const at = (path: string): string => join(device.root, path);
    writeFileSync(at('etc/a.conf'), 'by hand');
    const [, b] = packets;
    const next = await device.build({
      name: 'a',
      labels: { version: '2' },
      config: ['/etc/a.conf'],
      data: { 'etc/a.conf': 'new', 'usr/bin/a': 'second' },
    });
    const wanted = [next, b as WantedPacket];
    await device.converge(wanted);
    expect(existsSync(at('etc/a.conf.jamesd-new'))).toBe(true);
    unlinkSync(at('usr/bin/a'));
    await look(device);
    expect(await repair(device, wanted)).toMatchObject({ kind: 'converged' });
    expect(readFileSync(at('usr/bin/a'), 'utf8')).toBe('second');
    expect(readFileSync(at('etc/a.conf'), 'utf8')).toBe('by hand');
    expect(readFileSync(at('etc/a.conf.jamesd-new'), 'utf8')).toBe('new');
  });

  it('is not done where the policy only reports, nor where nothing is wrong any more', async () => {
    const { device, packets } = await prepare();
    unlinkSync(join(device.root, 'opt/b/file'));
    await look(device);
    expect(await repair(device, packets, { policy: {} })).toMatchObject({ phases: [] });
    expect(existsSync(join(device.root, 'opt/b/file'))).toBe(false);
    writeFileSync(join(device.root, 'opt/b/file'), 'b');
    expect(await repair(device, packets)).toMatchObject({ kind: 'converged', phases: [] });
    const { packets: now } = await device.parts().transactions.installed();
    expect(now.map(({ status }) => status)).toEqual(['installed', 'installed']);
  });

  it('is taken back where the device is not well after it', async () => {
    const { device, packets } = await prepare();
    damage(device);
    const damaged = listTree(device.root);
    await look(device);
    const policy: DevicePolicy = {
      drift: 'repair',
      health: { checks: [{ command: 'false' }], retries: 0 },
    };
    const outcome = await repair(device, packets, { policy });
    expect(outcome).toMatchObject({ kind: 'failed', undone: true, code: 'unhealthy' });
    expect(treeDifference(listTree(device.root), damaged)).toEqual([]);
    const { packets: now } = await device.parts().transactions.installed();
    expect(now.map(({ status }) => status)).toEqual(['modified', 'missing']);
  });

  it('a directory with things of nobody in the place of a file is refused, and stays', async () => {
    const { device, packets } = await prepare();
    const place = join(device.root, 'opt/b/file');
    unlinkSync(place);
    mkdirSync(place);
    writeFileSync(join(place, 'of-nobody'), 'n');
    await look(device);
    const outcome = await repair(device, packets);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'path-conflict' });
    expect(readFileSync(join(place, 'of-nobody'), 'utf8')).toBe('n');
  });
});

/** A damaged device that can be put back to that, with both trees. */
async function scene() {
  const { device, packets, tree } = await prepare();
  damage(device);
  await look(device);
  const damaged: TreeListing = listTree(device.root, { directoryTimes: true });
  const aside = join(device.root, '..', 'aside');
  mkdirSync(aside);
  for (const name of ['root', 'state'] as const) execFileSync('cp', ['-a', device[name], aside]);
  const reset = (): void => {
    for (const name of ['root', 'state'] as const) {
      rmSync(device[name], { recursive: true });
      execFileSync('cp', ['-a', join(aside, name), device[name]]);
    }
  };
  reset();
  return { device, packets, tree, damaged, reset };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** After a start the tree is the damaged or the repaired one exactly, nothing is forgotten, and the next try puts it right. */
async function recoverAndCheck(at: Scene, where: string): Promise<void> {
  const { device, packets, tree, damaged } = at;
  await device.parts().transactions.recover();
  const toOld = treeDifference(listTree(device.root, { directoryTimes: true }), damaged);
  if (toOld.length > 0) expect(treeDifference(listTree(device.root), tree), where).toEqual([]);
  expect(readdirSync(join(device.state, 'installed')), where).toHaveLength(2);
  expect(existsSync(join(device.state, 'journal')), where).toBe(false);
  const again = await repair(device, packets);
  expect(again, where).toMatchObject({ kind: 'converged' });
  expect(treeDifference(listTree(device.root), tree), where).toEqual([]);
  expect(await look(device), where).toEqual(['installed', 'installed']);
}

const isFull = process.env.JAMESD_FULL !== undefined;
const pointsOf = (all: number): number[] =>
  Array.from({ length: all }, (_, index) => index + 1).filter((n) => isFull || n % 16 === 1);

describe('a repair that is cut off', () => {
  for (const torn of [false, true])
    it(
      `before any change of the disk${torn ? ', with a torn journal' : ''}, is undone or finished, and done at the next try`,
      async () => {
        const at = await scene();
        const counting = dyingFiles(Number.POSITIVE_INFINITY);
        await repair(at.device, at.packets, counting);
        const all = counting.changes();
        expect(all).toBeGreaterThan(40);
        for (const n of pointsOf(all)) {
          at.reset();
          await repair(at.device, at.packets, dyingFiles(n, torn)).catch(() => undefined);
          await recoverAndCheck(at, `died before change ${n} of ${all}`);
        }
      },
      isFull ? 1_800_000 : 60_000,
    );

  it(
    'by an error at any change, is undone or finished in the same process',
    async () => {
      const at = await scene();
      let all = 0;
      await repair(at.device, at.packets, {
        files: watchedFiles((n) => {
          all = n;
        }),
      });
      for (const last of pointsOf(all)) {
        at.reset();
        const files = watchedFiles((n) => {
          if (n === last)
            throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
        });
        await repair(at.device, at.packets, { files });
        await recoverAndCheck(at, `failed at change ${last} of ${all}`);
      }
    },
    isFull ? 1_800_000 : 60_000,
  );
});
