import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readLocalIndexes } from '../../../server/commands/local-index.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import {
  jsonLines,
  type ResolveLine,
  resolveLines,
  runResolve,
} from '../../support/resolve-command.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const PACKAGES = `Package: app
Version: 1:2.0-1
Architecture: amd64
Depends: lib (>= 1) | other
Recommends: extra

Package: lib
Version: 1.5
Architecture: all
Conflicts: old

Package: extra
Version: 1
Architecture: amd64

Package: base
Version: 1
Architecture: amd64
Essential: yes

Package: app
Version: 1.0
Architecture: amd64
`;

const PRIMARY = `<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="2">
<package type="rpm"><name>app</name><arch>x86_64</arch><version epoch="0" ver="1.0" rel="1"/>
<checksum type="sha256" pkgid="YES">aa</checksum><summary>s</summary><size package="1" installed="1" archive="1"/>
<location href="app.rpm"/><format><rpm:provides><rpm:entry name="app" flags="EQ" epoch="0" ver="1.0" rel="1"/></rpm:provides>
<rpm:requires><rpm:entry name="lib"/></rpm:requires></format></package>
<package type="rpm"><name>lib</name><arch>noarch</arch><version epoch="0" ver="2" rel="1"/>
<checksum type="sha256" pkgid="YES">bb</checksum><summary>s</summary><size package="1" installed="1" archive="1"/>
<location href="lib.rpm"/><format><rpm:provides><rpm:entry name="lib" flags="EQ" epoch="0" ver="2" rel="1"/></rpm:provides></format></package>
</metadata>`;

function file(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const shown = ({ packages }: ResolveLine): string[] =>
  packages.map(({ name, version }) => `${name}=${version}`);

/** The words of a command that has to answer a single request. */
async function answer(...words: string[]): Promise<ResolveLine> {
  const { status, stdout, stderr } = await runResolve(words);
  expect([status, stderr]).toEqual([0, '']);
  return jsonLines<ResolveLine>(stdout)[0] as ResolveLine;
}

describe('jamesd resolve', () => {
  it('answers each request in order, a JSON line each', async () => {
    const source = file(join(temporaryDirectory(), 'Packages'), PACKAGES);
    const lines = await resolveLines(
      ['--source', source, '--arch', 'x86_64'],
      ['app', 'app nothing', '# passed over', 'app=1.0', 'app=1.*'],
    );
    expect(lines.map(({ request, ok }) => [request, ok])).toEqual([
      ['app', true],
      ['app nothing', false],
      ['app=1.0', true],
      ['app=1.*', true],
    ]);
    expect(lines[0]?.packages).toEqual([
      {
        ...{ name: 'app', version: '1:2.0-1', arch: 'amd64', type: 'deb' },
        reason: { kind: 'wanted' },
      },
      {
        ...{ name: 'lib', version: '1.5', arch: 'all', type: 'deb' },
        reason: {
          ...{ kind: 'needed', by: 'app', relationKind: 'depends' },
          relation: 'lib (>= 1) | other',
        },
      },
    ]);
    expect(lines[1]).toMatchObject({ unresolved: ['nothing'], removed: [] });
    expect(lines[1]?.problems.join()).toMatch(/No source of these devices offers nothing/);
    expect(lines[2] && shown(lines[2])).toEqual(['app=1.0']);
    expect(lines[3] && shown(lines[3])).toEqual(['app=1.0']);
    expect(lines.every(({ ms }) => ms >= 0)).toBe(true);
  });

  it('reads indexes as they lie about: plain, compressed, flat, with suites, rpm-md', async ({
    skip,
  }) => {
    const tools = await ensureDebianPackages(['xz-utils', 'bzip2', 'lz4', 'zstd']);
    if (tools.leftOut !== null) return skip();
    const root = temporaryDirectory();
    const plain = file(join(root, 'Packages'), PACKAGES);
    file(join(root, 'flat/Packages.gz'), gzipSync(PACKAGES));
    file(join(root, 'apt/dists/stable/Release'), 'Suite: stable\n');
    file(join(root, 'apt/dists/stable/main/binary-amd64/Packages'), PACKAGES);
    const primary = file(join(root, 'primary.xml'), PRIMARY);
    file(join(root, 'yum/repodata/primary.xml.gz'), gzipSync(PRIMARY));
    file(
      join(root, 'yum/repodata/repomd.xml'),
      '<repomd><data type="primary"><location href="repodata/primary.xml.gz"/></data></repomd>',
    );
    for (const tool of ['xz', 'bzip2', 'lz4', 'zstd'] as const) compress(tool, plain);
    const deb = ['', '.xz', '.bz2', '.lz4', '.zst'].map((ending) => `${plain}${ending}`);
    const names = async (path: string): Promise<string[]> =>
      (await readLocalIndexes(path, ['amd64'])).flatMap(({ family, universe }) =>
        Array.from({ length: universe.count }, (_, index) => `${family} ${universe.name(index)}`),
      );
    for (const source of [...deb, join(root, 'flat'), join(root, 'apt')])
      expect([source, await names(source)]).toEqual([
        source,
        ['deb app', 'deb lib', 'deb extra', 'deb base', 'deb app'],
      ]);
    for (const source of [primary, join(root, 'yum')])
      expect([source, await names(source)]).toEqual([source, ['rpm app', 'rpm lib']]);
    await expect(readLocalIndexes(join(root, 'apt'), ['i386'])).rejects.toThrow(/holds neither/);
    expect(shown(await answer('--source', primary, '--arch', 'amd64', '--', 'app'))).toEqual([
      'app=1.0-1',
      'lib=2-1',
    ]);
  }, 60_000);

  it('follows its options', async () => {
    const root = temporaryDirectory();
    const source = ['--source', file(join(root, 'Packages'), PACKAGES), '--arch', 'amd64'];
    expect(shown(await answer(...source, '--recommends', '--', 'app'))).toContain('extra=1');
    expect(shown(await answer(...source, '--essential', '--', 'app'))).toContain('base=1');
    const status = file(
      join(root, 'status'),
      'Package: old\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\nPackage: lib\nStatus: deinstall ok config-files\nVersion: 0\nArchitecture: all\n',
    );
    const refused = await answer(...source, '--installed', status, '--', 'lib');
    expect(refused).toMatchObject({ ok: false, unresolved: ['lib'], packages: [] });
    const removing = await answer(...source, '--installed', status, '--remove', '--', 'lib');
    expect(removing.removed).toEqual([{ name: 'old', version: '1', arch: 'amd64' }]);
  }, 60_000);

  it('says with --debug how an answer comes about', async () => {
    const source = file(join(temporaryDirectory(), 'Packages'), PACKAGES);
    const ended = await runResolve(['--source', source, '--arch', 'amd64', '--debug', '--', 'app']);
    expect(ended.stderr).toBe("Package app: adding new deps ['lib']\n");
  });

  it.each([
    [['--arch', 'amd64', '--', 'a'], 2, /at least one --source/],
    [['--source', '/none', '--arch', 'amd64', '--', 'a'], 2, /There is no source \/none/],
    [['--source', 'PACKAGES', '--arch', 'amd64', '--policy', 'rpm', '--', 'a'], 2, /not for deb/],
    [['--source', 'PACKAGES', '--nonsense'], 2, /unknown option/],
    [['--source', 'BROKEN', '--arch', 'amd64', '--', 'a'], 1, /BROKEN: Line 2 of the index/],
    [
      ['--source', 'PACKAGES', '--arch', 'amd64', '--installed', 'BROKEN', '--', 'a'],
      1,
      /BROKEN: Line 2 of the index/,
    ],
  ])('refuses %j', async (words, expected, message) => {
    const root = temporaryDirectory();
    const paths: Record<string, string> = {
      PACKAGES: file(join(root, 'PACKAGES'), PACKAGES),
      BROKEN: file(join(root, 'BROKEN'), 'Package: a\nno field\n'),
    };
    const { status, stdout, stderr } = await runResolve(words.map((word) => paths[word] ?? word));
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(message);
  });
});

/** Writes a compressed copy beside a file. */
function compress(tool: 'xz' | 'bzip2' | 'lz4' | 'zstd', path: string): void {
  const ending = { xz: 'xz', bzip2: 'bz2', lz4: 'lz4', zstd: 'zst' }[tool];
  writeFileSync(`${path}.${ending}`, execFileSync(tool, ['-q', '-c', path]));
}
