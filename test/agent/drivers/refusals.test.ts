import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sha256Of } from '../../../proto/digest.ts';
import { createPacketDevice, failureOf, putContent } from '../../support/packet-device.ts';
import { listTree } from '../../support/tree.ts';
import { watchedFiles } from '../../support/watched-files.ts';

it('a link on the device that leaves the root is not written through', async () => {
  const device = createPacketDevice();
  const outside = join(device.root, '..', 'outside');
  mkdirSync(outside);
  symlinkSync('../outside', join(device.root, 'etc'));
  const packet = await device.build({ name: 'p', data: { 'etc/passwd': 'x' } });
  expect(failureOf(await device.converge([packet]))).toMatchObject({
    code: 'unsafe-path',
    undone: true,
  });
  expect(readdirSync(outside)).toEqual([]);
});

it('an absolute link on the device counts from the root', async () => {
  const device = createPacketDevice();
  mkdirSync(join(device.root, 'real'));
  symlinkSync('/real', join(device.root, 'etc'));
  const packet = await device.build({ name: 'p', data: { 'etc/jamesd-test-file': 'x' } });
  expect(await device.converge([packet])).toEqual({ kind: 'converged' });
  expect(readdirSync(join(device.root, 'real'))).toEqual(['jamesd-test-file']);
  expect(existsSync('/real/jamesd-test-file')).toBe(false);
});

it('a link that a script makes meanwhile is not written through', async () => {
  const device = createPacketDevice();
  const outside = join(device.root, '..', 'outside');
  mkdirSync(outside);
  const packet = await device.build({
    name: 'p',
    data: { 'a/b': 'x' },
    scripts: { preinst: `#!/bin/sh\nln -s ${outside} "$JAMESD_ROOT/a"\n` },
  });
  expect(failureOf(await device.converge([packet])).undone).toBe(true);
  expect(readdirSync(outside)).toEqual([]);
});

it('a directory with things of nobody does not give way to a file', async () => {
  const device = createPacketDevice();
  putContent(device.root, { 'opt/mine': 'm' });
  const packet = await device.build({ name: 'p', data: { opt: 'a file' } });
  const failed = failureOf(await device.converge([packet]));
  expect(failed).toMatchObject({ code: 'path-conflict', undone: true });
  expect(failed.failures).toMatchObject([{ name: 'p', id: packet.id, status: 'failed' }]);
});

it('a pipe of nobody is not replaced', async () => {
  const device = createPacketDevice();
  execFileSync('mkfifo', [join(device.root, 'pipe')]);
  const packet = await device.build({ name: 'p', data: { pipe: 'file' } });
  expect(failureOf(await device.converge([packet])).code).toBe('path-conflict');
});

it('no packet brings anything into the state directory or with a name of the agent', async () => {
  const device = createPacketDevice();
  const temporary = await device.build({ name: 'p', data: { '.jamesc-x-1': 'x' } });
  expect(failureOf(await device.converge([temporary])).code).toBe('unsafe-path');
  const parts = device.parts();
  expect((await parts.transactions.installed()).packets).toEqual([]);
});

it('content with another digest is not installed', async () => {
  const device = createPacketDevice();
  const packet = await device.build({ name: 'p', data: { f: 'x' } });
  const other = await device.build({ name: 'p', data: { f: 'y' } });
  writeFileSync(device.fileOf(packet), readFileSync(device.fileOf(other)));
  expect(failureOf(await device.converge([packet]))).toMatchObject({
    code: 'digest-mismatch',
    retryable: true,
  });
  expect(listTree(device.root)).toEqual({});
});

it('a packet that is none is not installed', async () => {
  const device = createPacketDevice();
  const packet = await device.build({ name: 'p', data: { f: 'x' } });
  const none = { ...packet, id: sha256Of('no packet') };
  writeFileSync(device.fileOf(none), 'no packet');
  expect(failureOf(await device.converge([none])).code).toBe('bad-packet');
  const wrongName = { ...(await device.build({ name: 'q', data: { q: 'q' } })), name: 'p' };
  const failed = failureOf(await device.converge([wrongName]));
  expect(failed).toMatchObject({ code: 'bad-packet', failures: [{ name: 'p' }] });
});

it('a disk without room is told before anything is touched', async () => {
  const device = createPacketDevice();
  const packet = await device.build({ name: 'p', data: { f: 'x'.repeat(10_000) } });
  const real = watchedFiles(() => undefined);
  const files = new Proxy(real, {
    get: (target, name: keyof typeof real) =>
      name === 'freeSpace' ? () => Promise.resolve({ bytes: 8192, inodes: 1000 }) : target[name],
  });
  expect(failureOf(await device.converge([packet], { files }))).toMatchObject({
    code: 'no-space',
    undone: true,
  });
  expect(listTree(device.root)).toEqual({});
});

it('an abort before everything is staged changes nothing; later it is not heard', async () => {
  const device = createPacketDevice();
  const packet = await device.build({ name: 'p', data: { a: 'a', b: 'b' } });
  const convergeUntil = async (isAt: (call: string, path: string) => boolean) => {
    const abort = new AbortController();
    const files = watchedFiles((_n, call, path) => {
      if (isAt(call, path)) abort.abort(new Error('newer'));
    });
    return await device.converge([packet], { files, signal: abort.signal });
  };
  const superseded = { kind: 'superseded' };
  expect(await convergeUntil((call) => call === 'append')).toEqual(superseded);
  expect(await convergeUntil((call, path) => call === 'writeNew' && path.endsWith('-1'))).toEqual(
    superseded,
  );
  expect(listTree(device.root)).toEqual({});
  expect(readdirSync(device.state).sort()).toEqual(['installed', 'kept']);
  expect(await convergeUntil((call, path) => call === 'rename' && path.endsWith('/a'))).toEqual({
    kind: 'converged',
  });
});

it('a failing way back is tried again later', async () => {
  const device = createPacketDevice();
  const one = await device.build({ name: 'p', labels: { version: '1' }, data: { f: '1' } });
  const two = await device.build({
    name: 'p',
    labels: { version: '2' },
    data: { f: '2' },
    scripts: { postinst: 'exit 1' },
  });
  await device.converge([one]);
  const before = listTree(device.root);
  let renames = 0;
  const files = watchedFiles((_n, call, path) => {
    if (call === 'rename' && path.endsWith('/f')) renames += 1;
    if (renames > 1)
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'rename' });
  });
  expect(failureOf(await device.converge([two], { files }))).toMatchObject({
    undone: false,
    retryable: true,
  });
  expect((await device.parts().transactions.recover())?.outcome).toMatchObject({
    kind: 'failed',
    undone: true,
  });
  expect(listTree(device.root)).toEqual(before);
});
