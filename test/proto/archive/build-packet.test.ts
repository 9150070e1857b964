import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as tar from 'tar';
import { describe, expect, it } from 'vitest';
import { buildPacket } from '../../../proto/archive/build-packet.ts';
import { gzip } from '../../../proto/archive/gzip.ts';
import { inspectPacket } from '../../../proto/archive/inspect-packet.ts';
import { readPacket } from '../../../proto/archive/read-packet.ts';
import { writePacket } from '../../../proto/archive/write-packet.ts';
import { type Content, putContent } from '../../support/packet-device.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { listTree, treeDifference } from '../../support/tree.ts';

const plain = { keepOwner: false };
const longName = `${'d'.repeat(90)}/${'é'.repeat(60)}/leaf`;
const example: Record<string, Content> = {
  'bin/tool': { text: '#!/bin/sh\n', mode: 0o4755 },
  'bin/again': { same: 'bin/tool' },
  'bin-': 'sorts between bin and bin/tool',
  'lib/link': { link: '../bin/tool' },
  'lib/far': { link: `/${'x'.repeat(150)}` },
  empty: { directory: 0o2775 },
  [longName]: 'long',
  old: { text: 'before 1970', time: -5 },
};

function sourceOf(
  data: Record<string, Content>,
  control = 'name: example\nlabels: {version: 1.10}\n',
): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'control.yaml'), control);
  mkdirSync(join(directory, 'data'));
  putContent(join(directory, 'data'), data);
  putContent(join(directory, 'scripts'), { postinst: '#!/bin/sh\ntrue\n' });
  return directory;
}

async function build(directory: string, options: Parameters<typeof buildPacket>[2] = plain) {
  const file = join(temporaryDirectory(), 'out.jpk');
  return { file, ...(await buildPacket(directory, file, options)) };
}

const codeOf = (promise: Promise<unknown>): Promise<string | null> =>
  promise.then(
    () => null,
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('building a packet', () => {
  it('gives the same bytes for the same directory, on every machine', async () => {
    const [one, two] = [await build(sourceOf(example)), await build(sourceOf(example))];
    expect(one.id).toBe(two.id);
    expect(one.control.labels).toEqual({ version: '1.10' });
    expect(one).toMatchObject({ scripts: ['postinst'], files: 7 });
    const fixed = await build(
      sourceOf({ a: { text: 'a'.repeat(200_000) }, b: { directory: 0o755 }, 'b/c': { link: 'd' } }),
      { keepOwner: false, sourceDateEpoch: 1 },
    );
    expect(fixed.id).toBe(
      'sha256:1d15b3db440160838d3dab3b87a9d42515fda3a1950c67aaca17b41e372e0256',
    );
  });

  it('makes an archive that other tars unpack to the same tree', async () => {
    const directory = sourceOf(example);
    const { file } = await build(directory, { keepOwner: true });
    const [gnu, library] = [temporaryDirectory(), temporaryDirectory()];
    execFileSync('tar', ['-xpzf', file, '-C', gnu]);
    await tar.x({ file, cwd: library, preserveOwner: true, preservePaths: true, strict: true });
    const want = listTree(join(directory, 'data'));
    expect(treeDifference(listTree(join(gnu, 'data')), want)).toEqual([]);
    expect(Object.keys(listTree(join(library, 'data')))).toEqual(Object.keys(want));
    expect(
      execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).split('\n').slice(0, 3),
    ).toEqual(['control.yaml', 'scripts/postinst', 'data/bin/']);
  });

  it('sets no time later than the one given, and owners only if asked', async () => {
    const directory = sourceOf(example);
    const { file } = await build(directory, { keepOwner: false, sourceDateEpoch: 1000 });
    for await (const entry of readPacket(createReadStream(file))) {
      if (entry.part !== 'data') continue;
      expect(entry.modifiedMs).toBeLessThanOrEqual(1_000_000);
      expect([entry.uid, entry.gid]).toEqual([0, 0]);
    }
  });

  it('holds a health script, and what the packet says of its installation', async () => {
    const directory = sourceOf({ a: 'a' }, 'name: x\nhealth: {retries: 5}\nreboot: required\n');
    writeFileSync(join(directory, 'scripts/health'), '#!/bin/sh\n');
    const { scripts, control } = await build(directory);
    expect(scripts).toEqual(['health', 'postinst']);
    expect(control).toEqual({ name: 'x', health: { retries: 5 }, reboot: 'required' });
  });

  it('refuses what would be left out in silence, and what no packet can hold', async () => {
    const stranger = sourceOf({ a: 'a' });
    writeFileSync(join(stranger, 'postinst'), '');
    expect(await codeOf(build(stranger))).toBe('bad-packet');
    const pipe = sourceOf({ a: 'a' });
    execFileSync('mkfifo', [join(pipe, 'data/pipe')]);
    expect(await codeOf(build(pipe))).toBe('bad-packet');
    expect(await codeOf(build(sourceOf({ l: { link: '../../up' } })))).toBe('unsafe-path');
    expect(await codeOf(build(sourceOf({ a: 'a' }, 'name: x\nnonsense: 1\n')))).toBe('unknown-key');
    expect(await codeOf(build(sourceOf({ a: 'a' }, 'name: x\nconfig: [/b]\n')))).toBe('bad-packet');
    const linked = { c: 'c', d: { same: 'c' } };
    expect(await codeOf(build(sourceOf(linked, 'name: x\nconfig: [/c]\n')))).toBe('bad-packet');
    expect(await codeOf(build(temporaryDirectory()))).toBe('bad-packet');
    expect(await codeOf(build('/no/such/directory'))).toBe('bad-packet');
  });

  it('leaves no draft behind when it fails', async () => {
    const directory = sourceOf({ l: { link: '../../up' } });
    const target = temporaryDirectory();
    await codeOf(buildPacket(directory, join(target, 'out.jpk'), plain));
    expect(readdirSync(target)).toEqual([]);
    expect(existsSync(join(target, 'out.jpk'))).toBe(false);
  });
});

describe('a packet that somebody packed by hand', () => {
  it.each([
    ['plain', ['control.yaml', 'scripts', 'data']],
    ['with ./', ['./control.yaml', './scripts', './data']],
    ['in pax format', ['--format=pax', 'control.yaml', 'scripts', 'data']],
    ['in old GNU format', ['--format=oldgnu', 'control.yaml', 'scripts', 'data']],
  ])('is read: %s', async (_name, args) => {
    const directory = sourceOf(example);
    const file = join(temporaryDirectory(), 'hand.jpk');
    execFileSync('tar', ['-C', directory, '-czf', file, ...args]);
    const paths: string[] = [];
    const summary = await inspectPacket(createReadStream(file), undefined, (entry) =>
      paths.push(entry.path),
    );
    expect(summary).toMatchObject({ control: { name: 'example' }, files: 7 });
    expect(paths).toContain(`/${longName}`);
  });

  it('is refused with extended attributes or a file with holes', async () => {
    const directory = sourceOf({ a: 'a' });
    execFileSync('truncate', ['-s', '10M', join(directory, 'data/hole')]);
    const file = join(temporaryDirectory(), 'hand.jpk');
    execFileSync('tar', [
      '-C',
      directory,
      '-S',
      '--format=pax',
      '-czf',
      file,
      'control.yaml',
      'data',
    ]);
    expect(await codeOf(inspectPacket(createReadStream(file)))).toBe('bad-packet');
  });
});

describe('compression', () => {
  async function* split(bytes: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? 1;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  const compress = async (bytes: Uint8Array, sizes: readonly number[]): Promise<string> => {
    const parts: Uint8Array[] = [];
    for await (const part of gzip(split(bytes, sizes))) parts.push(part.slice());
    return Buffer.concat(parts).toString('base64');
  };

  it('does not depend on the pieces in which the bytes come', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
    const whole = await compress(bytes, [bytes.length]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1 }),
        async (sizes) => {
          expect(
            await compress(
              bytes,
              sizes.map((size) => Math.max(size, 500)),
            ),
          ).toBe(whole);
        },
      ),
      { numRuns: 8 },
    );
  });
});

it('writing and reading keep memory bounded', async () => {
  const directory = sourceOf({});
  execFileSync('sh', ['-c', `head -c 60000000 /dev/urandom > ${join(directory, 'data/big')}`]);
  let most = 0;
  async function* watched(): AsyncIterable<Uint8Array> {
    for await (const part of writePacket(directory, plain)) {
      most = Math.max(most, part.length);
      yield part;
    }
  }
  const summary = await inspectPacket(watched());
  expect(summary.installedBytes).toBe(60_000_000);
  expect(most).toBeLessThan(1_000_000);
}, 60_000);
