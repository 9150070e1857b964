import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebianPackages } from '../support/debian.ts';
import { type PackageFleet, startPackageFleet } from '../support/package-fleet.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';
import { createYumRepository, type YumRepository, yumTools } from '../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...yumTools, 'dnf']);

/** A signed YUM repository, a real server, and a real agent whose own dnf works in a root of its own. */
describe.skipIf(leftOut !== null)('packages of a YUM repository', () => {
  let fleet: PackageFleet;
  let repository: YumRepository;
  let server: DirectoryServer;

  const spec = (packages: readonly unknown[], more: object = {}): object => ({
    ...{ id: 'base', target: { role: 'web' }, packages },
    ...more,
  });
  const app = (version: string) => ({
    ...{ name: 'app', version, requires: ['lib >= 1', '(plug if lib)', '/opt/lib/v'] },
    recommends: ['nice'],
    files: { '/usr/share/app/version': version },
  });

  beforeAll(async () => {
    fleet = await startPackageFleet();
    repository = await createYumRepository({ directory: fleet.path('repository') });
    await repository.add(
      app('1.0'),
      { name: 'lib', version: '1', epoch: 1, arch: 'x86_64', files: { '/opt/lib/v': '1' } },
      { name: 'plug', version: '1' },
      { name: 'nice', version: '1' },
    );
    await repository.publish();
    server = await serveDirectory(repository.directory);
    const source = { kind: 'Source', id: 'el', type: 'yum', rawUrl: server.url, target: {} };
    await fleet.apply({ ...source, signedBy: repository.key.publicKey }, spec(['app']));
    const labels = { os: 'centos', arch: 'amd64', packages: 'dnf', role: 'web' };
    await fleet.start('el-1', labels);
  });

  afterAll(async () => {
    await fleet?.stop();
    await server?.close();
  });

  it('are installed with rich and file prerequisites, without weak ones', async () => {
    await fleet.has('el-1', ['app 1.0-1', 'lib 1:1-1', 'plug 1-1']);
    const written = readFileSync(fleet.path('el-1', 'root/usr/share/app/version'), 'utf8');
    expect(written).toBe('1.0');
  });

  it('are upgraded when a refresh finds a new version, pinned, and downgraded where allowed', async () => {
    await repository.add(app('1.1'));
    await repository.publish();
    await fleet.ctl('source', 'refresh', 'el');
    await fleet.has('el-1', ['app 1.1-1', 'lib 1:1-1', 'plug 1-1']);
    await fleet.apply(spec([{ name: 'app', version: '1.0-1' }], { downgrade: true }));
    await fleet.has('el-1', ['app 1.0-1', 'lib 1:1-1', 'plug 1-1']);
  });

  it('follow weak dependencies where the line says so', async () => {
    await fleet.apply(spec([{ name: 'app', recommended: true }]));
    await fleet.has('el-1', ['app 1.1-1', 'lib 1:1-1', 'nice 1-1', 'plug 1-1']);
  });

  it('are removed when no spec wants them any more', async () => {
    const { stderr } = await fleet.server.ctl(['spec', 'delete', 'base']);
    const count = /--confirm-removals[ =](\d+)/.exec(stderr)?.[1] ?? '';
    await fleet.ctl('spec', 'delete', 'base', '--confirm-removals', count);
    await fleet.has('el-1', []);
  });
});
