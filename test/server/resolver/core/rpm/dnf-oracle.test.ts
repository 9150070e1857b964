import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Resolution } from '../../../../../server/resolver/core/resolution.ts';
import { resolve } from '../../../../../server/resolver/core/resolve.ts';
import type { PackageRecord } from '../../../../../server/resolver/core/universe.ts';
import { readRpmComps } from '../../../../../server/sources/core/rpm-comps.ts';
import { readRpmFilelists } from '../../../../../server/sources/core/rpm-filelists.ts';
import { readRpmPrimary } from '../../../../../server/sources/core/rpm-primary.ts';
import type { RpmDefinition } from '../../../../support/build-rpm.ts';
import { ensureDebianPackages } from '../../../../support/debian.ts';
import { rpmRequest, rpmView } from '../../../../support/rpm-view.ts';
import { createYumRepository, yumTools } from '../../../../support/yum-repository.ts';

const definitions: RpmDefinition[] = [
  { name: 'app', version: '1', requires: ['libx >= 1', '(plug if libx)', '/opt/libx/data'] },
  { name: 'libx', version: '1', files: { '/opt/libx/data': '1' } },
  { name: 'libx', version: '1.5~rc1', files: { '/opt/libx/data': '2' } },
  { name: 'plug', version: '1' },
  { name: 'web', version: '1', requires: ['webserver'], recommends: ['docs', 'theme'] },
  { name: 'httpd-a', version: '1', provides: ['webserver'] },
  { name: 'httpd-b', version: '2', provides: ['webserver'] },
  { name: 'picky', version: '1', requires: ['webserver', 'httpd-b'] },
  { name: 'docs', version: '1', requires: ['viewer'] },
  { name: 'viewer', version: '1' },
  { name: 'theme', version: '1', requires: ['nothing-has-this'] },
  { name: 'lang', version: '1', supplements: ['(web and viewer)'] },
  { name: 'enemy', version: '1', conflicts: ['viewer'] },
  { name: 'wants-enemy', version: '1', requires: ['enemy'] },
  { name: 'old', version: '1' },
  { name: 'new', version: '2', obsoletes: ['old < 2'], provides: ['old = 2'] },
  { name: 'needs-old', version: '1', requires: ['old'] },
  { name: 'either', version: '1', requires: ['(enemy or viewer)'] },
  { name: 'together', version: '1', requires: ['(libx with special)'] },
  { name: 'libx-special', version: '1', provides: ['libx = 1', 'special'] },
  { name: 'exact', version: '1', requires: ['libx = 1-1'] },
  { name: 'impossible', version: '1', requires: ['libx > 7'] },
  { name: 'epoch', version: '1', epoch: 2 },
  { name: 'epoch', version: '9' },
  { name: 'native', version: '1', arch: 'x86_64', requires: ['tool'] },
  { name: 'tool', version: '1', arch: 'x86_64' },
  { name: 'tool', version: '1', arch: 'i686' },
];

const groups = `<comps><group><id>servers</id><name>Servers</name><packagelist>
  <packagereq type="mandatory">picky</packagereq>
  <packagereq type="default">docs</packagereq>
  <packagereq type="optional">enemy</packagereq>
  <packagereq type="conditional" requires="viewer">lang</packagereq>
</packagelist></group></comps>`;

const requests: [string, boolean][] = [
  ...['app', 'web', 'picky', 'web picky', 'docs', 'wants-enemy', 'needs-old', 'old', 'new old'],
  ...['either', 'either enemy', 'together', 'exact', 'exact app', 'impossible', 'epoch', 'native'],
  ...[
    'web enemy',
    'docs enemy',
    'app web picky either together epoch native',
    'nobody',
    '@servers',
  ],
].flatMap((names): [string, boolean][] => [
  [names, false],
  [names, true],
]);

const oracle = join(import.meta.dirname, '../../../../support/dnf-oracle.py');
const { leftOut } = await ensureDebianPackages([...yumTools, 'dnf', 'python3-dnf']);

describe.skipIf(leftOut !== null)('beside dnf, on packages that rpmbuild built', () => {
  let directory = '';
  let records: PackageRecord[] = [];
  let answers: { ok: boolean; packages: string[]; problem: string }[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jamesd-dnf-'));
    const repository = await createYumRepository({ directory: join(directory, 'repository') });
    await repository.add(...definitions);
    await repository.publish({ sign: false, groups });
    records = await readRepository(repository.directory);
    const input = requests.map(([names, recommends]) =>
      JSON.stringify({ wants: names.split(' '), recommends }),
    );
    const { stdout, stderr, status } = spawnSync(
      '/usr/bin/python3',
      [oracle, repository.directory, join(directory, 'dnf')],
      { input: input.join('\n'), encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }, 120_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each(requests.map(([names, recommends], index) => ({ names, recommends, index })))(
    '$names (weak dependencies: $recommends)',
    ({ names, recommends, index }) => {
      const own = ownAnswer(records, names.split(' '), recommends);
      expect({ ok: own.unresolved.length === 0, packages: titles(own) }).toEqual({
        ok: answers[index]?.ok,
        packages: answers[index]?.ok ? answers[index].packages : titles(own),
      });
    },
  );
});

/** The packages with those of their files that something needs and primary.xml leaves out. */
async function readRepository(directory: string): Promise<PackageRecord[]> {
  const folder = join(directory, 'repodata');
  const names = await readdir(folder);
  const read = async (ending: string): Promise<Uint8Array> =>
    gunzipSync(await readFile(join(folder, names.find((name) => name.endsWith(ending)) ?? ending)));
  const files = readRpmFilelists(await read('filelists.xml.gz'), new Set(['/opt/libx/data']));
  const records: PackageRecord[] = readRpmComps(groups);
  readRpmPrimary(await read('primary.xml.gz'), (record) => {
    const more = files.get(`${record.name} ${record.version} ${record.arch}`) ?? [];
    records.push({ ...record, files: [...(record.files ?? []), ...more] });
  });
  return records;
}

function ownAnswer(
  records: readonly PackageRecord[],
  names: readonly string[],
  recommends: boolean,
): Resolution {
  const wants = names.map((name) => ({ name }));
  return resolve(rpmView({ records }), rpmRequest({ wants, recommends }));
}

const titles = ({ packages }: Resolution): string[] =>
  packages.map(({ name, version, arch }) => `${name}-${version}.${arch}`).sort();
