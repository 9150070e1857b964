import {
  chmodSync,
  chownSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Files } from '../../../agent/system/files.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import type { WantedPacket } from '../../../proto/desired.ts';
import { createPacketDevice, type PacketDevice } from '../../support/packet-device.ts';

const isRoot = process.getuid?.() === 0;

/** A device with packets of every kind of entry. */
async function prepare(): Promise<{ device: PacketDevice; packets: WantedPacket[] }> {
  const device = createPacketDevice();
  mkdirSync(join(device.root, 'usr/lib'), { recursive: true });
  symlinkSync('usr/lib', join(device.root, 'lib'));
  const packets = [
    await device.build({
      name: 'a',
      config: ['/etc/a.conf'],
      data: {
        'etc/a.conf': 'one',
        'usr/bin/a': { text: 'program', mode: 0o4755 },
        'usr/bin/a-again': { same: 'usr/bin/a' },
        'usr/bin/a-link': { link: 'a' },
        'lib/a/module': 'module',
        'var/spool/a': { directory: 0o750 },
      },
    }),
    await device.build({
      name: 'b',
      data: {
        'opt/b/file': 'b',
        'var/spool/a': { directory: 0o700 },
        'opt/b/d': { directory: 0o755 },
      },
    }),
  ];
  expect(await device.converge(packets)).toEqual({ kind: 'converged' });
  return { device, packets };
}

/** What `check` says, as lines. */
async function check(device: PacketDevice): Promise<string[]> {
  const { packets } = await device.parts().local.check();
  return packets.flatMap(({ name, status, paths }) =>
    paths.map(({ path, difference }) => `${name} ${status} ${path} ${difference}`),
  );
}

describe('comparing installed packets with the disk', () => {
  it('finds nothing on a device that nobody touched', async () => {
    const { device } = await prepare();
    expect(await check(device)).toEqual([]);
    const { packets } = await device.parts().transactions.installed();
    expect(packets.map(({ status }) => status)).toEqual(['installed', 'installed']);
  });

  const cases: [string, (at: (path: string) => string) => void, string[]][] = [
    [
      'content of the same size, with the old time',
      (at) => {
        const { atime, mtime } = statSync(at('usr/lib/a/module'));
        writeFileSync(at('usr/lib/a/module'), 'MODULE');
        utimesSync(at('usr/lib/a/module'), atime, mtime);
      },
      ['a modified /usr/lib/a/module content'],
    ],
    [
      'a file that is longer',
      (at) => writeFileSync(at('opt/b/file'), 'bb'),
      ['b modified /opt/b/file content'],
    ],
    [
      'permission bits',
      (at) => chmodSync(at('usr/bin/a'), 0o755),
      ['a modified /usr/bin/a mode', 'a modified /usr/bin/a-again mode'],
    ],
    [
      'a link that leads elsewhere',
      (at) => {
        unlinkSync(at('usr/bin/a-link'));
        symlinkSync('b', at('usr/bin/a-link'));
      },
      ['a modified /usr/bin/a-link target'],
    ],
    [
      'a directory where there was a file',
      (at) => {
        unlinkSync(at('usr/bin/a-link'));
        mkdirSync(at('usr/bin/a-link'));
      },
      ['a modified /usr/bin/a-link kind'],
    ],
    [
      'a missing configuration file',
      (at) => unlinkSync(at('etc/a.conf')),
      ['a modified /etc/a.conf missing'],
    ],
    [
      'all of a packet gone',
      (at) => rmSync(at('opt/b'), { recursive: true }),
      ['b missing /opt/b missing', 'b missing /opt/b/d missing', 'b missing /opt/b/file missing'],
    ],
    [
      'a file where there was a directory',
      (at) => {
        rmSync(at('usr/lib/a'), { recursive: true });
        writeFileSync(at('usr/lib/a'), '');
      },
      ['a modified /usr/lib/a kind', 'a modified /usr/lib/a/module missing'],
    ],
    [
      'bits of a directory, of the packet that describes it last',
      (at) => chmodSync(at('var/spool/a'), 0o777),
      ['b modified /var/spool/a mode'],
    ],
    [
      'a link that leads out of the root',
      (at) => {
        unlinkSync(at('lib'));
        symlinkSync('../..', at('lib'));
      },
      ['a modified /etc kind'],
    ],
  ];
  it.each(cases)('%s', async (_what, change, found) => {
    const { device } = await prepare();
    change((path) => join(device.root, path));
    expect(await check(device)).toEqual(found);
  });

  it.runIf(isRoot)('an owner counts for root', async () => {
    const { device } = await prepare();
    chownSync(join(device.root, 'opt/b/file'), 4711, 4711);
    expect(await check(device)).toEqual(['b modified /opt/b/file owner']);
  });

  it('what people may change is right: configuration files, times, a copy in place of a second name', async () => {
    const { device } = await prepare();
    const at = (path: string): string => join(device.root, path);
    writeFileSync(at('etc/a.conf'), 'changed by hand');
    chmodSync(at('etc/a.conf'), 0o600);
    utimesSync(at('usr/bin/a'), 1, 1);
    unlinkSync(at('usr/bin/a-again'));
    writeFileSync(at('usr/bin/a-again'), 'program');
    chmodSync(at('usr/bin/a-again'), 0o4755);
    chmodSync(at('usr'), 0o700);
    writeFileSync(at('usr/bin/of-nobody'), '');
    expect(await check(device)).toEqual([]);
  });

  it('names the first five paths, and goes away when all is right again', async () => {
    const device = createPacketDevice();
    const names = Array.from({ length: 9 }, (_, n) => `opt/many/${n}`);
    const data = Object.fromEntries(names.map((name) => [name, 'x']));
    await device.converge([await device.build({ name: 'many', data })]);
    for (const name of names.slice(1)) unlinkSync(join(device.root, name));
    const { transactions } = device.parts();
    await transactions.look();
    const found = async () => (await device.parts().transactions.installed()).packets[0];
    expect(await found()).toMatchObject({
      status: 'modified',
      error:
        '/opt/many/1 is missing, /opt/many/2 is missing, /opt/many/3 is missing, /opt/many/4 is missing, /opt/many/5 is missing, and 3 more.',
    });
    unlinkSync(join(device.root, 'opt/many/0'));
    await transactions.look();
    expect(await found()).toMatchObject({
      status: 'missing',
      error: 'Nothing of it is there any more.',
    });
    for (const name of names) writeFileSync(join(device.root, name), 'x');
    await transactions.look();
    expect(await found()).toMatchObject({ status: 'installed', error: null });
  });

  it('keeps the word of what was installed by hand', async () => {
    const device = createPacketDevice();
    const packet = await device.build({ name: 'hand', data: { 'opt/hand': 'x' } });
    await device.parts().local.install(device.fileOf(packet), () => undefined);
    writeFileSync(join(device.root, 'opt/hand'), 'y');
    const { transactions } = device.parts();
    await transactions.look();
    expect((await transactions.installed()).packets).toMatchObject([
      { status: 'manual', error: '/opt/hand was changed.' },
    ]);
  });
});

/** Files that note which are read below a root, and how many at once. */
function readingFiles(root: string): { files: Files; read: string[]; most(): number } {
  const real = createNodeFiles();
  const read: string[] = [];
  let [open, most] = [0, 0];
  const files: Files = {
    ...real,
    async *readStream(path) {
      if (path.startsWith(root)) read.push(path.slice(root.length));
      open += 1;
      most = Math.max(most, open);
      try {
        yield* real.readStream(path);
      } finally {
        open -= 1;
      }
    },
  };
  return { files, read, most: () => most };
}

describe('reading the content of files', () => {
  it('goes by turns: in twenty looks each once, also over restarts, few at a time; a wish reads all, once', async () => {
    const device = createPacketDevice();
    const names = Array.from({ length: 100 }, (_, n) => `opt/many/${n}`);
    const data = Object.fromEntries(names.map((name) => [name, 'x'.repeat(1000)]));
    await device.converge([await device.build({ name: 'many', data })]);
    const all: string[] = [];
    for (let n = 0; n <= 20; n += 1) {
      const { files, read } = readingFiles(device.root);
      await device.parts(files).transactions.look();
      expect(read.length).toBeLessThanOrEqual(5);
      all.push(...read);
    }
    expect(new Set(all).size).toBe(100);
    expect(all).toHaveLength(100);

    const { files, read, most } = readingFiles(device.root);
    const { transactions } = device.parts(files);
    await transactions.look({ check: '2026-01-01T00:00:00Z' });
    expect(read).toHaveLength(100);
    expect(most()).toBeLessThanOrEqual(8);
    await transactions.look({ check: '2026-01-01T00:00:00Z' });
    expect(read).toHaveLength(105);
  });

  it('a file whose time was changed is read at once, and again only when that changes again', async () => {
    const device = createPacketDevice();
    const names = Array.from({ length: 100 }, (_, n) => `opt/many/${n + 100}`);
    const data = Object.fromEntries(names.map((name) => [name, 'x']));
    await device.converge([await device.build({ name: 'many', data })]);
    const { files, read } = readingFiles(device.root);
    const { transactions } = device.parts(files);
    const last = join(device.root, 'opt/many/199');
    const looks = async (): Promise<number> => {
      read.length = 0;
      await transactions.look();
      return read.filter((path) => path === '/opt/many/199').length;
    };
    expect(await looks()).toBe(0);
    utimesSync(last, 5, 5);
    expect([await looks(), await looks(), await looks()]).toEqual([1, 0, 0]);
    utimesSync(last, 6, 6);
    expect([await looks(), await looks()]).toEqual([1, 0]);
    writeFileSync(last, 'z');
    await transactions.look();
    expect((await transactions.installed()).packets[0]?.error).toBe('/opt/many/199 was changed.');
  });

  it('stops at once for a signal, and what was found before stays', async () => {
    const { device } = await prepare();
    writeFileSync(join(device.root, 'opt/b/file'), 'bb');
    const { transactions } = device.parts();
    await transactions.look();
    unlinkSync(join(device.root, 'usr/bin/a'));
    const reason = new Error('enough');
    await expect(transactions.look({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const { packets } = await transactions.installed();
    expect(packets.map(({ status }) => status)).toEqual(['installed', 'modified']);
  });
});
