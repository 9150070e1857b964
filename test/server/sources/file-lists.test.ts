import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
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
});
