import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPacketDevice, failureOf, putContent } from '../../support/packet-device.ts';
import { listTree, treeDifference } from '../../support/tree.ts';

const text = (device: { root: string }, path: string): string =>
  readFileSync(join(device.root, path), 'utf8');
const names = (device: { root: string }, path = '.'): string[] =>
  readdirSync(join(device.root, path)).sort();

const everything = {
  'usr/bin': { directory: 0o755, time: 1_400_000_000 },
  'usr/bin/su': { text: 'su', mode: 0o4755 },
  'usr/bin/alias': { same: 'usr/bin/su' },
  'usr/lib/x.so': { link: 'x.so.1' },
  'usr/lib/x.so.1': 'library',
  'usr/lib/abs': { link: '/usr/lib/x.so' },
  'var/spool': { directory: 0o1777, time: 1_400_000_001 },
  'var/mail': { directory: 0o2775 },
  empty: { directory: 0o700 },
};

describe('a packet arrives', () => {
  it('as it went in, and goes without a trace', async () => {
    const device = createPacketDevice();
    const want = createPacketDevice();
    putContent(want.root, everything);
    const packet = await device.build({ name: 'all', data: everything });
    expect(await device.converge([packet])).toEqual({ kind: 'converged' });
    expect(treeDifference(listTree(device.root), listTree(want.root))).toEqual([]);
    expect(device.phases).toEqual(['downloading', 'verified', 'applying']);
    const installed = await device.parts().transactions.installed();
    expect(installed.packets).toEqual([
      { name: 'all', id: packet.id, status: 'installed', error: null },
    ]);
    expect(installed.point?.revision).toBe(1);
    expect(await device.converge([])).toEqual({ kind: 'converged' });
    expect(names(device)).toEqual([]);
    expect(readdirSync(join(device.state, 'installed'))).toEqual([]);
  });

  it('upgrades and downgrades to exactly what each version brings', async () => {
    const device = createPacketDevice();
    const one = {
      'a/file': '1',
      'a/gone': 'g',
      kind: { link: 'a/file' },
      tree: { directory: 0o755 },
      'tree/leaf': 'leaf',
    };
    const two = {
      'a/file': { text: '2', mode: 0o755 },
      'b/new': 'n',
      kind: { directory: 0o750 },
      'kind/inner': 'i',
      tree: 'a file now',
    };
    const v1 = await device.build({ name: 'p', labels: { version: '1' }, data: one });
    const v2 = await device.build({ name: 'p', labels: { version: '2' }, data: two });
    for (const [packet, data] of [
      [v1, one],
      [v2, two],
      [v1, one],
      [v2, two],
    ] as const) {
      const want = createPacketDevice();
      putContent(want.root, data);
      expect(await device.converge([packet])).toEqual({ kind: 'converged' });
      expect(treeDifference(listTree(device.root), listTree(want.root))).toEqual([]);
    }
  });

  it('in place of files of nobody, which come back', async () => {
    const device = createPacketDevice();
    putContent(device.root, {
      'etc/motd': { text: 'mine', mode: 0o640 },
      'etc/ln': { link: 'motd' },
      opt: 'not a directory',
    });
    const before = listTree(device.root);
    const packet = await device.build({
      name: 'motd',
      data: { 'etc/motd': 'theirs', 'etc/ln': 'file', 'opt/x': 'x' },
    });
    expect(await device.converge([packet])).toEqual({ kind: 'converged' });
    expect(text(device, 'etc/motd')).toBe('theirs');
    expect(text(device, 'opt/x')).toBe('x');
    expect(await device.converge([])).toEqual({ kind: 'converged' });
    expect(treeDifference(listTree(device.root), before)).toEqual([]);
    expect(readdirSync(join(device.state, 'kept'))).toEqual([]);
  });

  it('leaves a directory that holds something else', async () => {
    const device = createPacketDevice();
    const packet = await device.build({ name: 'p', data: { 'opt/p/file': '1' } });
    await device.converge([packet]);
    writeFileSync(join(device.root, 'opt/p/log'), 'written by the program');
    expect(await device.converge([])).toEqual({ kind: 'converged' });
    expect(names(device, 'opt/p')).toEqual(['log']);
    rmSync(join(device.root, 'opt/p/log'));
    await device.converge([await device.build({ name: 'q', data: { q: 'q' } })]);
    expect(names(device)).toEqual(['q']);
  });

  it('through a link to a directory that the device has, as with merged /usr', async () => {
    const device = createPacketDevice();
    mkdirSync(join(device.root, 'usr/lib'), { recursive: true });
    symlinkSync('usr/lib', join(device.root, 'lib'));
    const packet = await device.build({
      name: 'p',
      data: { lib: { directory: 0o755 }, 'lib/x': 'x' },
    });
    expect(await device.converge([packet])).toEqual({ kind: 'converged' });
    expect(text(device, 'usr/lib/x')).toBe('x');
    await device.converge([]);
    expect(names(device, 'usr/lib')).toEqual([]);
    expect(names(device)).toEqual(['lib', 'usr']);
  });

  it('replaces a running program', async () => {
    const device = createPacketDevice();
    const sleep = readFileSync('/bin/sleep');
    const { spawn } = await import('node:child_process');
    const v1 = await device.build({
      name: 'p',
      labels: { version: '1' },
      data: { 'bin/s': { text: '', mode: 0o755 } },
    });
    await device.converge([v1]);
    writeFileSync(join(device.root, 'bin/s'), sleep);
    const child = spawn(join(device.root, 'bin/s'), ['60']);
    await new Promise((resolve) => child.once('spawn', resolve));
    const v2 = await device.build({
      name: 'p',
      labels: { version: '2' },
      data: { 'bin/s': { text: 'two', mode: 0o755 } },
    });
    expect(await device.converge([v2])).toEqual({ kind: 'converged' });
    child.kill();
    expect(text(device, 'bin/s')).toBe('two');
  });
});

describe('several packets', () => {
  it('cannot own one path, and nothing is touched', async () => {
    const device = createPacketDevice();
    const a = await device.build({ name: 'a', data: { 'x/y': '1', 'x/z': 'z' } });
    const b = await device.build({ name: 'b', data: { 'x/y': '1' } });
    const failed = failureOf(await device.converge([a, b]));
    expect(failed).toMatchObject({ code: 'path-conflict', undone: true });
    expect(failed.failures.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(names(device)).toEqual([]);
    await device.converge([a]);
    expect(failureOf(await device.converge([a, b])).code).toBe('path-conflict');
    expect(names(device, 'x')).toEqual(['y', 'z']);
  });

  it('may hand a path over in one transaction, and share directories', async () => {
    const device = createPacketDevice();
    const a1 = await device.build({
      name: 'a',
      labels: { version: '1' },
      data: { 'd/x': 'from a', 'd/a': 'a' },
    });
    const a2 = await device.build({ name: 'a', labels: { version: '2' }, data: { 'd/a': 'a' } });
    const b = await device.build({ name: 'b', data: { 'd/x': 'from b' } });
    await device.converge([a1]);
    expect(await device.converge([a2, b])).toEqual({ kind: 'converged' });
    expect(text(device, 'd/x')).toBe('from b');
    expect(await device.converge([b])).toEqual({ kind: 'converged' });
    expect(names(device, 'd')).toEqual(['x']);
  });

  it('keep what a kept line names', async () => {
    const device = createPacketDevice();
    const lib = await device.build({ name: 'lib', data: { lib: 'l' } });
    const app = await device.build({ name: 'app', depends: ['lib'], data: { app: 'a' } });
    const other = await device.build({ name: 'other', data: { other: 'o' } });
    await device.converge([app, lib, other]);
    await device.converge([{ name: 'app', keep: true, problem: 'no-candidate' }]);
    expect(names(device)).toEqual(['app', 'lib']);
  });
});

describe('configuration files', () => {
  const build = async (device: ReturnType<typeof createPacketDevice>, version: string) =>
    await device.build({
      name: 'p',
      labels: { version },
      config: ['/etc/p.conf'],
      data: { 'etc/p.conf': `version ${version}` },
    });

  it('are replaced while unchanged, and removed', async () => {
    const device = createPacketDevice();
    await device.converge([await build(device, '1')]);
    await device.converge([await build(device, '2')]);
    expect(text(device, 'etc/p.conf')).toBe('version 2');
    await device.converge([]);
    expect(names(device)).toEqual([]);
  });

  it('stay if they were changed, with the new one beside', async () => {
    const device = createPacketDevice();
    await device.converge([await build(device, '1')]);
    writeFileSync(join(device.root, 'etc/p.conf'), 'mine');
    await device.converge([await build(device, '2')]);
    expect(text(device, 'etc/p.conf')).toBe('mine');
    expect(text(device, 'etc/p.conf.jamesd-new')).toBe('version 2');
    await device.converge([await build(device, '3')]);
    expect(text(device, 'etc/p.conf.jamesd-new')).toBe('version 3');
    await device.converge([]);
    expect(names(device, 'etc')).toEqual(['p.conf']);
    expect(text(device, 'etc/p.conf')).toBe('mine');
  });
});
