import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type InstalledList,
  RPM_QUERY_WITH_RELATIONS,
  readInstalled,
} from '../../../server/commands/installed-list.ts';
import { resolve } from '../../../server/resolver/core/resolve.ts';
import { createUniverseBuilder } from '../../../server/resolver/core/universe-builder.ts';
import {
  createView,
  INSTALLED_SOURCE,
  type ViewSource,
} from '../../../server/resolver/core/view.ts';
import { buildRpms } from '../../support/build-rpm.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { rpmRecord as record, rpmRequest } from '../../support/rpm-view.ts';
import { yumTools } from '../../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages(yumTools);
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jamesd-installed-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function read(text: string): Promise<InstalledList> {
  const path = join(directory, 'list');
  await writeFile(path, text);
  return readInstalled(path, 'rpm');
}

/** What comes when `enemy` is asked for beside a list; the sources do not have what is installed. */
function answer({ installed, universe }: InstalledList) {
  const builder = createUniverseBuilder('rpm');
  for (const one of [record('enemy 1-1', { conflicts: 'peace' }), record('lib 2-1')])
    builder.add(one);
  const source: ViewSource = {
    ...{ id: 'source', universes: [builder.build()], priority: 500, recommended: false },
    ...{ essential: false, include: [], exclude: [], onlyIndependent: false },
    ...{ notAutomatic: false, butAutomaticUpgrades: false },
  };
  const own = { ...source, id: INSTALLED_SOURCE, universes: [universe] };
  const view = createView({ family: 'rpm', archs: ['x86_64'], sources: [source, own] });
  return resolve(view, rpmRequest({ installed, wants: [{ name: 'enemy' }, { name: 'lib' }] }));
}

describe('a list of installed rpm packages', () => {
  it('says names and versions; an epoch of 0 is none', async () => {
    const { installed } = await read('app (none):1-1 noarch\nlib 2:1-1 x86_64\n');
    expect(installed).toMatchObject([
      { name: 'app', version: '1-1', arch: 'noarch' },
      { name: 'lib', version: '2:1-1' },
    ]);
    expect(answer(await read('mine 1-1 noarch\nlib 1-1 noarch')).unresolved).toEqual([]);
  });

  it('may say what a package that no source has needs and provides', async () => {
    const told = 'mine 1-1 noarch\n provides peace = 1\n requires lib < 2\nlib 1-1 noarch\n';
    const { unresolved, packages } = answer(await read(told));
    expect(unresolved).toEqual(['enemy']);
    expect(packages).toEqual([]);
  });

  it.each([
    ['app 1', 1],
    ['app 1-1 noarch\n requires', 2],
    ['app 1-1 noarch\n wishes peace', 2],
    [' requires peace', 1],
  ])('%j is refused with its line', async (text, line) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'bad-index',
      message: expect.stringContaining(`Line ${line} `),
    });
  });

  it.skipIf(leftOut !== null)('is what rpm prints by the longer query', async () => {
    const built = await buildRpms([
      {
        ...{ name: 'full', version: '1', epoch: 3, requires: ['lib >= 1', '(a if b)'] },
        ...{ conflicts: ['enemy'], obsoletes: ['old < 2'], files: { '/opt/full': 'x' } },
      },
      { name: 'bare', version: '1' },
    ]);
    const output = execFileSync('rpm', ['-qp', '--qf', RPM_QUERY_WITH_RELATIONS, ...built]);
    const { universe } = await read(output.toString());
    const texts = (['depends', 'conflicts', 'obsoletes', 'provides'] as const).map((kind) =>
      universe.text(universe.relation(0, kind)),
    );
    expect(texts.slice(0, 3)).toEqual([
      expect.stringContaining('(a if b)\nlib >= 1'),
      'enemy',
      'old < 2',
    ]);
    expect(texts[3]).toContain('full = 3:1-1');
    expect(universe.files(0)).toContain('/opt/full');
    expect(universe.count).toBe(2);
  });
});
