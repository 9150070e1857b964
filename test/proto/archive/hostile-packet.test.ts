import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspectPacket } from '../../../proto/archive/inspect-packet.ts';
import { defaultPacketLimits } from '../../../proto/archive/packet-limits.ts';
import type { JamesError } from '../../../proto/errors.ts';
import {
  type CraftedEntry,
  craftedPacket,
  craftedTar,
  putNegative,
} from '../../support/crafted-packet.ts';

async function* pieces(bytes: Uint8Array, size = 1000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const outcome = (bytes: Uint8Array, limits = defaultPacketLimits): Promise<string> =>
  inspectPacket(pieces(bytes), limits).then(
    () => 'accepted',
    (error: JamesError) => error.code ?? String(error),
  );

const file = (name: string, rest: CraftedEntry = {}): CraftedEntry => ({
  name,
  body: 'x',
  ...rest,
});

describe('a packet file made to harm', () => {
  it('is told from one that is only unusual', async () => {
    expect(await outcome(craftedPacket([file('data/a'), file('./data/b')]))).toBe('accepted');
  });

  it.each<[string, string, CraftedEntry[]]>([
    ['climbs', 'unsafe-path', [file('data/../../etc/passwd')]],
    ['climbs at once', 'unsafe-path', [file('../x')]],
    ['is absolute', 'unsafe-path', [file('/etc/passwd')]],
    ['climbs out of its folder', 'unsafe-path', [file('data/..')]],
    ['stands outside of data', 'bad-packet', [file('etc/passwd')]],
    ['stands twice', 'bad-packet', [file('data/a'), file('data/a')]],
    ['stands twice, once with a dot', 'bad-packet', [file('data/a'), file('./data/a')]],
    ['has a part of one dot', 'bad-packet', [file('data/./a')]],
    ['has an empty part', 'bad-packet', [file('data//a')]],
    ['links above the root', 'unsafe-path', [{ name: 'data/l', type: '2', linkName: '../x' }]],
    [
      'is written through a link',
      'unsafe-path',
      [{ name: 'data/l', type: '2', linkName: '/etc' }, file('data/l/passwd')],
    ],
    ['hard links out', 'unsafe-path', [{ name: 'data/l', type: '1', linkName: 'control.yaml' }]],
    ['hard links to nothing', 'bad-packet', [{ name: 'data/l', type: '1', linkName: 'data/x' }]],
    ['is a device', 'bad-packet', [{ name: 'data/sda', type: '4' }]],
    ['is a pipe', 'bad-packet', [{ name: 'data/p', type: '6' }]],
    ['is sparse', 'bad-packet', [{ name: 'data/s', type: 'S' }]],
    ['is a second control file', 'bad-packet', [file('./control.yaml')]],
    ['is an unknown script', 'bad-packet', [file('scripts/x')]],
  ])('one whose entry %s is refused as %s', async (_what, code, entries) => {
    expect(await outcome(craftedPacket(entries))).toBe(code);
  });

  it('announcing more than a packet may have installed is refused before a byte of it is read', async () => {
    const huge = file('data/a', {
      patch: (block) => block.set([0x80, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0], 124),
    });
    expect(await outcome(craftedPacket([huge]))).toBe('too-large');
  });

  it.each([
    ['the size of an extended header', 'x', 124, 12],
    ['the size of a long name', 'L', 124, 12],
    ['the size of a file', '0', 124, 12],
    ['the owner', '0', 108, 8],
    ['the group', '0', 116, 8],
  ])('%s below zero is refused, and never read backwards', async (_what, type, at, length) => {
    for (const value of [-1, -512, -1024]) {
      const entry = file('data/a', {
        type,
        patch: (block) => putNegative(block, at, length, value),
      });
      expect(await outcome(craftedPacket([entry]))).toBe('bad-packet');
    }
  });

  it.each(['size=-512', 'size=1.5', 'uid=-1', 'gid=1.5', 'mtime=x', 'size=1e3', 'size=0x10'])(
    'an extended header with %s is refused',
    async (record) => {
      const header = { name: 'pax', type: 'x', body: `${record.length + 4} ${record}\n` };
      expect(await outcome(craftedPacket([header, file('data/a')]))).toBe('bad-packet');
    },
  );

  it('names that are not UTF-8 are refused', async () => {
    const entry = file('data/a', { patch: (block) => block.set([0xff, 0xfe], 5) });
    expect(await outcome(craftedPacket([entry]))).toBe('bad-packet');
  });

  it('a bomb is refused while it inflates: one file, nothing but padding, nothing but headers', async () => {
    const limits = { ...defaultPacketLimits, ratioFrom: 1024 * 1024, ratio: 100 };
    const zeros = Buffer.alloc(8 * 1024 * 1024);
    expect(await outcome(craftedPacket([file('data/a', { body: zeros })]), limits)).toBe(
      'too-large',
    );
    const tar = craftedTar([{ name: 'control.yaml', body: 'name: a\n' }]);
    expect(await outcome(gzipSync(Buffer.concat([tar, zeros])), limits)).toBe('too-large');
    const comments = Array.from({ length: 4000 }, () => ({
      name: 'g',
      type: 'g',
      body: '12 comment=\n',
    }));
    expect(await outcome(craftedPacket(comments), limits)).toBe('too-large');
  });

  it('padding that compresses badly is bounded by the size of the archive', async () => {
    const limits = { ...defaultPacketLimits, archiveBytes: 100_000 };
    const files = Array.from({ length: 100 }, (_, index) => file(`data/${index}`));
    expect(await outcome(craftedPacket(files), limits)).toBe('too-large');
    expect(await outcome(craftedPacket(files.slice(0, 90)), limits)).toBe('accepted');
  });

  it('every way to cut it off is refused', async () => {
    const whole = craftedPacket([file('data/a', { body: 'y'.repeat(5000) })]);
    for (let size = 0; size < whole.length; size += 7) {
      expect(await outcome(whole.subarray(0, size)), `${size} bytes`).toBe('bad-packet');
    }
  });

  it('every flipped byte is refused or leaves the same packet', async () => {
    const whole = craftedPacket([file('data/a', { body: 'some text of a file' })]);
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x55;
      // bytes 4 to 9 of gzip are its time, hints and system, which nobody checks
      const found = await outcome(damaged);
      if (at < 4 || at > 9) expect(found, `byte ${at}`).toBe('bad-packet');
    }
  });
});

describe('a control file made to harm', () => {
  const limit = defaultPacketLimits.controlBytes;
  const fill = (text: string, end = ''): string =>
    text.repeat(Math.floor((limit - end.length) / text.length)) + end;
  const keys = Array.from({ length: 30_000 }, (_, index) => `k${index}:`).join('\n');

  it.each([
    ['nested lists', fill('['), 'bad-yaml'],
    ['nested lists that are closed', fill('[', ']'.repeat(limit / 2)), 'bad-yaml'],
    ['nested maps', fill('{a: '), 'bad-yaml'],
    ['nested block lists', fill('- '), 'bad-yaml'],
    ['nested keys', fill('? '), 'bad-yaml'],
    ['many keys', keys, 'bad-document'],
    ['many keys in one line', `{${keys.replaceAll(':\n', ',').slice(0, -1)}}`, 'bad-document'],
    ['anchors', fill('&a '), 'bad-yaml'],
    ['an alias', 'name: &a x\ndescription: *a\n', 'bad-yaml'],
    ['documents', fill('---\n'), 'bad-packet'],
    ['one long quoted text', `name: "${fill('\\').slice(100)}`, 'bad-yaml'],
    ['a prototype', 'name: a\n__proto__: {name: b}\n', 'unknown-key'],
    ['a prototype for a label', 'name: a\nlabels: {__proto__: b}\n', 'unknown-key'],
    ['an unknown key', 'name: a\ncolour: red\n', 'unknown-key'],
    ['a duplicate key', 'name: a\nname: b\n', 'duplicate-key'],
    ['the same key as number and text', 'name: a\nlabels: {1: a, "1": b}\n', 'duplicate-key'],
    ['a name that climbs', 'name: ../x\n', 'bad-document'],
    ['a health check without end', 'name: a\nhealth: {timeout: 900000d}\n', 'bad-document'],
    ['more than it may have', `name: a # ${'x'.repeat(limit)}`, 'too-large'],
  ])('%s', async (_what, control, code) => {
    const begin = performance.now();
    expect(await outcome(craftedPacket([], control))).toBe(code);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it('that is not UTF-8 is refused', async () => {
    const control = Buffer.from('name: a\ndescription: \xff\xfe\n', 'latin1');
    expect(await outcome(craftedPacket([], control))).toBe('bad-packet');
  });
});
