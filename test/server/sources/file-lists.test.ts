import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kindsByType } from '../../../server/sources/kinds.ts';
import { followPathDemand } from '../../../server/sources/path-demand.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { serveDirectory } from '../../support/serve-directory.ts';
import { createSourceWorld } from '../../support/source-world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { createYumRepository, yumTools } from '../../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages(yumTools);

describe.skipIf(leftOut !== null)('files of rpm packages that primary.xml does not list', () => {
  it('are looked up when somebody asks, kept, and looked up again at each refresh', async () => {
    const directory = join(temporaryDirectory(), 'repository');
    const repository = await createYumRepository({ directory });
    await repository.add(
      { name: 'lib', version: '1', files: { '/opt/lib/data': 'x', '/opt/lib/more': 'y' } },
      { name: 'app', version: '1', requires: ['/opt/lib/data'] },
    );
    await repository.publish({ sign: false });
    const server = await serveDirectory(directory);
    onTestFinished(() => server.close());
    const source = { id: 's', type: 'yum', rawUrl: server.url, target: {}, trusted: true };
    const world = await createSourceWorld({ sources: [source] });
    const owners = (of: typeof world, path: string): string[] =>
      of.catalogue
        .indexesOf('s')
        .flatMap(({ universe }) => universe.owners(path).map((index) => universe.name(index)));
    await world.catalogue.settled();
    expect(owners(world, '/opt/lib/data')).toEqual([]);
    expect(server.requests.some(({ path }) => path.includes('filelists'))).toBe(false);

    const { catalogue } = world;
    expect(await catalogue.needPaths(['s'], new Set(['/opt/lib/data', '/none']))).toBe(true);
    expect(owners(world, '/opt/lib/data')).toEqual(['lib']);
    expect(owners(world, '/opt/lib/more')).toEqual([]);
    expect(world.changes).toEqual(['s', 's']);
    const asked = server.requests.length;
    expect(await catalogue.needPaths(['s'], new Set(['/none']))).toBe(false);
    expect(server.requests).toHaveLength(asked);

    await repository.add({ name: 'lib', version: '2', files: { '/opt/lib/data': 'z' } });
    await repository.publish({ sign: false });
    await world.refresh('s');
    expect(owners(world, '/opt/lib/data')).toEqual(['lib', 'lib']);
    const again = await world.restart();
    expect(owners(again, '/opt/lib/data')).toEqual(['lib', 'lib']);
    expect(await again.catalogue.needPaths(['s'], new Set(['/opt/lib/data']))).toBe(false);
  });

  it('are asked for by themselves where a package requires one, from every source', async () => {
    const directories = [temporaryDirectory(), temporaryDirectory()];
    const [one, two] = await Promise.all(
      directories.map((directory) => createYumRepository({ directory })),
    );
    await one?.add({
      name: 'app',
      version: '1',
      requires: ['(/opt/lib/data if other)', '/opt/app/own'],
      files: { '/opt/app/own': 'x' },
    });
    await two?.add({ name: 'lib', version: '1', files: { '/opt/lib/data': 'x', '/opt/z': 'z' } });
    for (const repository of [one, two]) await repository?.publish({ sign: false });
    const sources = directories.map((directory, index) => ({
      ...{ id: `s${index}`, type: 'yum', rawUrl: `file://${directory}`, target: {}, trusted: true },
    }));
    const world = await createSourceWorld({ sources });
    await world.catalogue.settled();
    const documents = { all: () => sources.map((source) => ({ ...source, revision: 1 })) };
    const { catalogue } = world;
    onTestFinished(followPathDemand({ catalogue, documents, kinds: kindsByType() }));
    await one?.add({ name: 'more', version: '1' });
    await one?.publish({ sign: false });
    await world.refresh('s0');
    await catalogue.settled();
    const owned = (id: string, path: string): number =>
      catalogue.indexesOf(id).flatMap(({ universe }) => universe.owners(path)).length;
    expect(owned('s1', '/opt/lib/data')).toBe(1);
    expect(owned('s0', '/opt/app/own')).toBe(1);
    expect(owned('s1', '/opt/z')).toBe(0);
  });
});
