import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PackageRecord } from '../../../../server/resolver/core/universe.ts';
import { readRpmComps } from '../../../../server/sources/core/rpm-comps.ts';
import { readRpmFilelists } from '../../../../server/sources/core/rpm-filelists.ts';
import { readRpmPrimary } from '../../../../server/sources/core/rpm-primary.ts';
import { parseRepomd, repomdFile } from '../../../../server/sources/core/rpm-repomd.ts';
import { ensureDebianPackages } from '../../../support/debian.ts';
import { createYumRepository, yumTools } from '../../../support/yum-repository.ts';

const groups = `<?xml version="1.0"?>
<comps>
  <group><id>web</id><name>Web &amp; more</name><packagelist>
    <packagereq type="mandatory">app</packagereq>
    <packagereq type="default">plug</packagereq>
    <packagereq type="optional">extra</packagereq>
    <packagereq type="conditional" requires="libx">libx-lang</packagereq>
  </packagelist></group>
  <environment><id>server</id><grouplist><groupid>web</groupid></grouplist></environment>
</comps>`;

const { leftOut } = await ensureDebianPackages(yumTools);

describe.skipIf(leftOut !== null)('metadata that createrepo_c wrote', () => {
  let directory = '';
  const records: PackageRecord[] = [];
  let files: Record<string, Buffer> = {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jamesd-rpm-metadata-'));
    const repository = await createYumRepository({ directory });
    await repository.add(
      {
        name: 'app',
        version: '1.0~rc1',
        release: '2',
        epoch: 3,
        requires: ['libx >= 2:1-1', '/opt/libx/data', '(plug if libx)', 'perl(A::B) < 3'],
        recommends: ['doc'],
        supplements: ['(a and b)'],
        conflicts: ['old'],
        obsoletes: ['older < 2'],
        provides: ['cap = 7'],
        files: { '/usr/bin/app': 'x', '/usr/share/a&b': 'y' },
      },
      { name: 'libx', version: '1', arch: 'x86_64', files: { '/opt/libx/data': 'z' } },
    );
    await repository.publish({ sign: false, groups });
    const folder = join(directory, 'repodata');
    const names = await readdir(folder);
    files = Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [
          name.replace(/^[0-9a-f]{64}-/, ''),
          await readFile(join(folder, name)),
        ]),
      ),
    );
    readRpmPrimary(gunzipSync(files['primary.xml.gz'] as Buffer), (record) => records.push(record));
  }, 60_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('gives packages with their relations, one a line', () => {
    const app = records.find(({ name }) => name === 'app');
    expect(app).toMatchObject({
      version: '3:1.0~rc1-2',
      arch: 'noarch',
      files: ['/usr/bin/app'],
      location: 'packages/app-1.0~rc1-2.noarch.rpm',
      relations: {
        recommends: 'doc',
        supplements: '(a and b)',
        conflicts: 'old',
        obsoletes: 'older < 2',
      },
    });
    expect(app?.checksum).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(app?.size).toBeGreaterThan(0);
    const requires = app?.relations.depends?.split('\n') ?? [];
    for (const line of ['libx >= 2:1-1', '/opt/libx/data', '(plug if libx)', 'perl(A::B) < 3'])
      expect(requires).toContain(line);
    expect(app?.relations.provides?.split('\n')).toEqual(['app = 3:1.0~rc1-2', 'cap = 7']);
    expect(records.map(({ name }) => name).sort()).toEqual(['app', 'libx']);
  });

  it('gives the owners of wanted files only', () => {
    const bytes = gunzipSync(files['filelists.xml.gz'] as Buffer);
    expect(readRpmFilelists(bytes, new Set(['/opt/libx/data', '/usr/share/a&b', '/none']))).toEqual(
      new Map([
        ['app 3:1.0~rc1-2 noarch', ['/usr/share/a&b']],
        ['libx 1-1 x86_64', ['/opt/libx/data']],
      ]),
    );
  });

  it('names the files of the repository with digests', () => {
    const repomd = parseRepomd(files['repomd.xml']?.toString() ?? '');
    const primary = repomdFile(repomd, 'primary');
    expect(primary?.location).toMatch(/^repodata\/[0-9a-f]{64}-primary\.xml\.gz$/);
    expect(primary?.sha256).toBe(/[0-9a-f]{64}/.exec(primary?.location ?? '')?.[0]);
    expect(primary?.size).toBe(files['primary.xml.gz']?.length);
    expect(repomd.date).toBeGreaterThan(Date.UTC(2020, 0, 1));
    expect(repomdFile(repomd, 'group')).not.toBeNull();
    expect(repomdFile(repomd, 'updateinfo')).toBeNull();
  });
});

describe('groups', () => {
  it('are records that depend on their members', () => {
    expect(readRpmComps(groups)).toMatchObject([
      {
        name: '@web',
        summary: 'Web & more',
        relations: { depends: 'app', recommends: 'plug\n(libx-lang if libx)', suggests: 'extra' },
      },
      { name: '@server', relations: { depends: '@web' } },
    ]);
  });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const one = (name: string, format = '') =>
  `<package type="rpm"><name>${name}</name><arch>noarch</arch><version epoch="0" ver="1" rel="2"/><format>${format}</format></package>`;

describe('bad metadata', () => {
  it.each([
    ['no xml', 'hello'],
    ['another root', '<filelists></filelists>'],
    ['a truncated text', `<metadata packages="2">${one('a')}<package type="rpm"><name>b</na`],
    ['a text without its end', `<metadata packages="1">${one('a')}`],
    ['a wrong count', `<metadata packages="2">${one('a')}</metadata>`],
    ['a package without name', `<metadata>${one('')}</metadata>`],
    ['an end without beginning', '<metadata></package></metadata>'],
  ])('%s is refused', (_, text) => {
    expect(() => readRpmPrimary(bytes(text), () => {})).toThrow(
      expect.objectContaining({ code: 'bad-index' }),
    );
  });

  it('does not confuse elements and attributes of other names', () => {
    const records: PackageRecord[] = [];
    const format = `<rpm:requires><rpm:entry rename="x" name='a&lt;b' flags='GE' ver="2"/></rpm:requires>`;
    readRpmPrimary(bytes(`<metadata packages="1">${one('p', format)}</metadata>`), (record) =>
      records.push(record),
    );
    expect(records[0]?.relations).toEqual({ depends: 'a<b >= 2' });
  });

  it.each([
    ['not well-formed', '<repomd><data></repomd>'],
    ['of another kind', '<other/>'],
    ['without location', '<repomd><data type="primary"/></repomd>'],
    ['empty', ''],
    ['too deep', `${'<a>'.repeat(100)}`],
  ])('a repomd.xml that is %s is refused', (_, text) => {
    expect(() => parseRepomd(text)).toThrow(expect.objectContaining({ code: 'bad-index' }));
  });
});
