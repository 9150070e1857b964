import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Source } from '../../../proto/source.ts';
import type { FetchLimits } from '../../../server/sources/fetching/limits.ts';
import {
  type CraftedServer,
  craftedServer,
  PACKAGES_PATH,
  packages,
  publishApt,
  release,
  sha256,
} from '../../support/crafted-repository.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { createSourceWorld, type SourceWorld } from '../../support/source-world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const { leftOut } = await ensureDebianPackages(['xz-utils', 'zstd', 'bzip2']);
const DAY = 24 * 3600 * 1000;
const RELEASE = 'dists/stable/Release';

const limits: Partial<FetchLimits> = {
  ...{ maxBytes: 1_000_000, maxOpenBytes: 4_000_000 },
  ...{ connectMs: 1000, idleMs: 200, totalMs: 600, attempts: 2 },
};

const aptSource = (url: string): Source => ({
  ...{ id: 's', type: 'apt', url, suite: 'stable', components: ['main'], archs: ['amd64'] },
  ...{ target: {}, trusted: true },
});

/** A world with one good index of one package, `good`. */
async function openApt(): Promise<{ server: CraftedServer; world: SourceWorld }> {
  const server = await craftedServer();
  publishApt(server, packages('good'));
  const world = await createSourceWorld({ limits, sources: [aptSource(server.url)] });
  await world.catalogue.settled();
  expect(world.packages('s')).toEqual(['good 1 all']);
  return { server, world };
}

/** The refresh must fail so, and change nothing. */
async function expectKept(world: SourceWorld, code: string): Promise<void> {
  expect(await world.refresh('s')).toMatchObject({ result: 'failed', code });
  expect(world.packages('s')).toEqual(['good 1 all']);
  expect(world.catalogue.status('s')?.error?.code).toBe(code);
}

const zeros = Buffer.alloc(100_000_000);
const pack = (program: string): Buffer =>
  execFileSync(program, ['-c'], { input: zeros, maxBuffer: 1_000_000 });

describe('a repository with users', () => {
  it.each([
    ['no secret', {}, 'needs a secret'],
    ['a wrong password', { auth: 'own' }, 'is wrong'],
  ])('%s is told, without the password', async (_case, more, sentence) => {
    const server = await craftedServer();
    server.answers.set(RELEASE, (_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end(),
    );
    const secrets = { own: { username: 'reader', password: 'not-this-one' } };
    const sources = [{ ...aptSource(server.url), ...more }];
    const world = await createSourceWorld({ limits, sources, secrets });
    await world.catalogue.settled();
    const { code, detail } = world.catalogue.status('s')?.error ?? {};
    expect(code).toBe('source-unreachable');
    expect(detail).toContain(sentence);
    expect(detail).not.toContain('not-this-one');
  });
});

describe.skipIf(leftOut !== null)('files that are small until they are opened', () => {
  it.each([
    ['.gz', () => gzipSync(zeros)],
    ['.xz', () => pack('xz')],
    ['.zst', () => pack('zstd')],
    ['.bz2', () => pack('bzip2')],
  ])('%s: refused as soon as they are too large', async (ending, bomb) => {
    const { server, world } = await openApt();
    publishApt(server, '', { ending, packed: bomb() });
    const before = process.memoryUsage().rss;
    await expectKept(world, 'too-large');
    expect(process.memoryUsage().rss - before).toBeLessThan(90_000_000);
  });

  it('also below the limit, if the Release says how large they are', async () => {
    const { server, world } = await openApt();
    const list = packages('good', 'more');
    const path = `${PACKAGES_PATH}.gz`;
    const packed = gzipSync(`${list}${' '.repeat(1_000_000)}`);
    server.answers.set(RELEASE, release({ [path]: packed, [PACKAGES_PATH]: list }));
    server.answers.set(`dists/stable/${path}`, packed);
    await expectKept(world, 'too-large');
  });

  it.each([
    ['xz', '.xz', []],
    ['xz', '.xz', ['--check=sha256']],
    ['xz', '.xz', ['--check=sha256', '--block-size=100']],
    ['zstd', '.zst', []],
    ['bzip2', '.bz2', []],
  ])('by %s and honest, are read (%s %j)', async (program, ending, options) => {
    const { server, world } = await openApt();
    const list = packages('good', 'more');
    const packed = execFileSync(program, ['-c', ...options], { input: list });
    publishApt(server, list, { ending, packed });
    expect(await world.refresh('s')).toMatchObject({ result: 'updated' });
    expect(world.packages('s')).toHaveLength(2);
    for (const damaged of [packed.subarray(0, packed.length - 9), flipped(packed)]) {
      publishApt(server, list, { ending, packed: damaged });
      expect(await world.refresh('s')).toMatchObject({ code: 'bad-index' });
    }
  });
});

/** The same with one bit in its middle the other way. */
function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] ?? 0) ^ 16;
  return copy;
}

describe('answers that do not end as they should', () => {
  it('a body without an end is cut at the limit', async () => {
    const { server, world } = await openApt();
    server.answers.set(RELEASE, (_request, response) => {
      const piece = Buffer.alloc(65_536, 'a');
      const more = (): void => {
        while (!response.destroyed && response.write(piece));
        response.once('drain', more);
      };
      more();
    });
    await expectKept(world, 'too-large');
  });

  it('a body that announces too much is not even begun', async () => {
    const { server, world } = await openApt();
    server.answers.set(RELEASE, (_request, response) => {
      response.writeHead(200, { 'content-length': 5_000_000_000 });
      response.flushHeaders();
    });
    await expectKept(world, 'too-large');
  });

  it('a file that is larger than the index says is cut there', async () => {
    const { server, world } = await openApt();
    const list = packages('good', 'new');
    publishApt(server, list, { ending: '', packed: Buffer.from(list) });
    server.answers.set(`dists/stable/${PACKAGES_PATH}`, `${list}more`);
    await expectKept(world, 'too-large');
  });

  it('a drip, a silence and a slow beginning take no longer than they may', async () => {
    const { server, world } = await openApt();
    server.answers.set(RELEASE, (_request, response) => {
      const timer = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(timer));
    });
    await expectKept(world, 'source-unreachable');
    expect(world.catalogue.status('s')?.error?.detail).toContain('longer than 0.6 s');
    server.answers.set(RELEASE, (_request, response) => void response.write('Suite'));
    await expectKept(world, 'source-unreachable');
    expect(world.catalogue.status('s')?.error?.detail).toContain('nothing came for 0.2 s');
    server.answers.set(RELEASE, () => {});
    await expectKept(world, 'source-unreachable');
  });

  it('a transient failure is tried again', async () => {
    const { server, world } = await openApt();
    publishApt(server, packages('new'));
    const whole = server.answers.get(RELEASE) ?? '';
    let count = 0;
    server.answers.set(RELEASE, (_request, response) => {
      count += 1;
      if (count === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else response.end(whole);
    });
    expect(await world.refresh('s')).toMatchObject({ result: 'updated' });
    expect(count).toBe(2);
  });
});

describe('redirects', () => {
  it.each([
    ['in circles', '/dists/stable/Release', /redirected more than 5 times/],
    ['to files', 'file:///etc/passwd', /to file:, which is not followed/],
    ['to nowhere', undefined, /to nowhere/],
    ['to nonsense', 'http://[', /no address/],
  ])('%s are not followed', async (_what, location, sentence) => {
    const { server, world } = await openApt();
    server.answers.set(RELEASE, (_request, response) => {
      response.writeHead(302, location === undefined ? {} : { location }).end();
    });
    await expectKept(world, 'source-unreachable');
    expect(world.catalogue.status('s')?.error?.detail).toMatch(sentence);
  });
});

describe('indexes that are none', () => {
  it.each([
    ['a page for people', '<!doctype html><html>Please log in</html>'],
    ['nothing', ''],
    ['only MD5', `Suite: stable\nMD5Sum:\n ${'0'.repeat(32)} 1 ${PACKAGES_PATH}\n`],
    ['no list', 'Suite: stable\n'],
    ['another architecture only', release({ 'main/binary-arm64/Packages': 'x' })],
    ['a date that is none', release({ [PACKAGES_PATH]: '' }, 'Date: yesterday\n')],
    ['a checksum that is none', `SHA256:\n xyz 1 ${PACKAGES_PATH}\n`],
    ['bytes', Buffer.alloc(5000, 0xff)],
  ])('%s as Release', async (_what, text) => {
    const { server, world } = await openApt();
    server.answers.set(RELEASE, text);
    await expectKept(world, 'bad-index');
  });

  it.each([
    [
      'a line of 5 MB',
      `Package: good\nVersion: 1\nArchitecture: all\nDepends: ${'a'.repeat(5e6)}\n`,
    ],
    ['a package without version', 'Package: good\nArchitecture: all\n'],
    ['no fields', 'this is no index\n'],
  ])('%s in Packages', async (_what, list) => {
    const { server, world } = await openApt();
    publishApt(server, list);
    expect(await world.refresh('s')).toMatchObject({ result: 'failed' });
    expect(world.packages('s')).toEqual(['good 1 all']);
  });

  it.each([
    '../../../etc/passwd',
    '/etc/passwd',
    'file:///etc/passwd',
    'http://elsewhere.example.org/primary.xml',
    'repodata/../../primary.xml',
    'repodata/%2e%2e/primary.xml',
    'repodata//primary.xml',
    'repodata\\primary.xml',
    '',
  ])('a primary.xml at %j', async (href) => {
    const server = await craftedServer();
    const repomd = `<repomd><data type="primary"><location href="${href}"/><checksum type="sha256">${sha256('')}</checksum></data></repomd>`;
    server.answers.set('repodata/repomd.xml', repomd);
    const source: Source = { id: 's', type: 'yum', rawUrl: server.url, target: {}, trusted: true };
    const world = await createSourceWorld({ limits, sources: [source] });
    await world.catalogue.settled();
    expect(world.catalogue.status('s')?.error?.code).toBe('bad-index');
    expect(server.asked).toEqual(['repodata/repomd.xml']);
  });
});

describe('indexes that are old', () => {
  it('beyond Valid-Until, also when they expire while nothing changes', async () => {
    const { server, world } = await openApt();
    const until = (time: number): string => `Valid-Until: ${new Date(time).toUTCString()}\n`;
    publishApt(server, packages('new'), { fields: until(world.clock.now() - 1000) });
    await expectKept(world, 'index-expired');
    publishApt(server, packages('good'), { fields: until(world.clock.now() + DAY) });
    expect(await world.refresh('s')).toMatchObject({ code: null });
    world.clock.setNow(world.clock.now() + 2 * DAY);
    await expectKept(world, 'index-expired');
  });

  it('older than the one in use, unless that is meant', async () => {
    const { server, world } = await openApt();
    const dated = (day: number): string => `Date: ${new Date(day * DAY).toUTCString()}\n`;
    publishApt(server, packages('good'), { fields: dated(20_000) });
    expect(await world.refresh('s')).toMatchObject({ code: null });
    publishApt(server, packages('old'), { fields: dated(19_999) });
    await expectKept(world, 'index-older');
    await world.catalogue.refresh(['s'], undefined, { allowOlder: true });
    expect(world.packages('s')).toEqual(['old 1 all']);
  });
});

it('a disk that is full changes nothing, and once there is room all is well', async ({ skip }) => {
  const disk = join(temporaryDirectory(), 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk], { stdio: 'ignore' });
  } catch {
    return skip('needs the right to mount');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  const server = await craftedServer();
  publishApt(server, packages('good'));
  const sources = [aptSource(server.url)];
  const world = await createSourceWorld({ sources, directory: disk });
  await world.catalogue.settled();
  const many = packages(...Array.from({ length: 30_000 }, (_, index) => `p${sha256(`${index}`)}`));
  publishApt(server, many);
  await expectKept(world, 'no-space');
  const again = await world.restart();
  expect(again.packages('s')).toEqual(['good 1 all']);
  await again.catalogue.settled();
  publishApt(server, packages('good', 'new'));
  expect(await again.refresh('s')).toMatchObject({ result: 'updated' });
});
