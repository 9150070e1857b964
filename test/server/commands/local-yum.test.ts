import { describe, expect, it } from 'vitest';
import { readLocalIndexes } from '../../../server/commands/local-index.ts';
import { resolve } from '../../../server/resolver/core/resolve.ts';
import { createView } from '../../../server/resolver/core/view.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { rpmRequest } from '../../support/rpm-view.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { createYumRepository, yumTools } from '../../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages(yumTools);

describe.skipIf(leftOut !== null)('the directory of a YUM repository', () => {
  it('gives packages, groups, and files that primary.xml leaves out', async () => {
    const repository = await createYumRepository({ directory: temporaryDirectory() });
    await repository.add(
      { name: 'app', version: '1', requires: ['/opt/libx/data', '/opt/nobody/has'] },
      { name: 'tool', version: '1', requires: ['/opt/libx/data'] },
      { name: 'libx', version: '1', files: { '/opt/libx/data': 'x', '/opt/libx/other': 'y' } },
    );
    const groups = `<comps><group><id>g</id><packagelist><packagereq type="mandatory">tool</packagereq></packagelist></group></comps>`;
    await repository.publish({ sign: false, groups });
    const [index] = await readLocalIndexes(repository.directory, ['x86_64']);
    if (index === undefined) throw new Error('no index');
    const settings = {
      priority: 500,
      recommended: false,
      essential: false,
      include: [],
      exclude: [],
    };
    const flags = { onlyIndependent: false, notAutomatic: false, butAutomaticUpgrades: false };
    const view = createView({
      family: index.family,
      archs: ['x86_64'],
      sources: [{ id: 's', universes: [index.universe], ...settings, ...flags }],
    });
    const answer = (name: string) => resolve(view, rpmRequest({ wants: [{ name }] }));
    expect(answer('@g').packages.map(({ name }) => name)).toEqual(['libx', 'tool']);
    expect(answer('app')).toMatchObject({ unresolved: ['app'], unownedPaths: ['/opt/nobody/has'] });
    expect(view.owners('/opt/libx/other')).toEqual([]);
  }, 60_000);
});
