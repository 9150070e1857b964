import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AptRepository, aptTools, createAptRepository } from '../support/apt-repository.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { type PackageFleet, startPackageFleet } from '../support/package-fleet.ts';
import { runTool } from '../support/run-tool.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, 'apt', 'dpkg']);
const labels = { os: 'debian', arch: 'amd64', packages: 'apt' };

/** A signed APT repository, a real server, and real agents whose own apt works in a root of its own. */
describe.skipIf(leftOut !== null)('packages of an APT repository', () => {
  let fleet: PackageFleet;
  let repository: AptRepository;
  let server: DirectoryServer;

  const source = (more: object = {}): object => ({
    ...{ kind: 'Source', id: 'stable', type: 'apt', url: server.url, suite: 'stable' },
    ...{ components: ['main'], archs: ['amd64'], target: {}, signedBy: repository.key.publicKey },
    ...more,
  });
  const spec = (packages: readonly unknown[], more: object = {}): object => ({
    ...{ id: 'base', target: { role: 'web' }, packages },
    ...more,
  });
  const publish = async (name: string, version: string, depends = 'lib (>= 1)'): Promise<void> => {
    await repository.add({
      name,
      version,
      fields: { Depends: depends },
      files: files(name, version),
    });
    await repository.publish();
    await fleet.ctl('source', 'refresh', 'stable');
  };
  const root = (id: string, ...parts: string[]): string => fleet.path(id, 'root', ...parts);

  beforeAll(async () => {
    fleet = await startPackageFleet();
    repository = await createAptRepository({ directory: fleet.path('repository') });
    await repository.add({
      ...{ name: 'app', version: '1.0-1', fields: { Depends: 'lib (>= 1)' } },
      files: files('app', '1.0-1'),
    });
    await repository.add({ name: 'lib', version: '1', arch: 'amd64', files: files('lib', '1') });
    await repository.publish({ byHash: true });
    server = await serveDirectory(repository.directory);
    await fleet.apply(source(), spec(['app']));
    await fleet.start('web-1', { ...labels, role: 'web' });
  });

  afterAll(async () => {
    await fleet?.stop();
    await server?.close();
  });

  it('are installed with their prerequisites, which are marked automatic', async () => {
    await fleet.has('web-1', ['app 1.0-1', 'lib 1']);
    expect(readFileSync(root('web-1', 'usr/share/app/version'), 'utf8')).toBe('1.0-1');
    const states = readFileSync(root('web-1', 'var/lib/apt/extended_states'), 'utf8');
    expect(states).toMatch(/Package: lib\n(.+\n)*Auto-Installed: 1/);
    expect(states).not.toMatch(/Package: app\n(.+\n)*Auto-Installed: 1/);
  });

  it('are upgraded when a refresh finds a new version', async () => {
    await publish('app', '1.1-1');
    await fleet.has('web-1', ['app 1.1-1', 'lib 1']);
  });

  it('are pinned by the version of the line', async () => {
    await fleet.apply(spec([{ name: 'app', version: '1.1-1' }]));
    await publish('app', '1.2-1');
    await fleet.apply(source({ exclude: ['nothing'] }));
    await fleet.has('web-1', ['app 1.1-1', 'lib 1']);
    await fleet.apply(spec([{ name: 'app', version: '>=1.2 <1.3' }]));
    await fleet.has('web-1', ['app 1.2-1', 'lib 1']);
  });

  it('are not downgraded, until the spec says so', async () => {
    await fleet.apply(spec([{ name: 'app', version: '1.0-1' }]));
    await fleet.until('web-1', 'says that it keeps what it has', async () => {
      const { reported } = await fleet.device('web-1');
      const [wrong] = reported?.packages.wrong ?? [];
      return wrong?.name === 'app' && /1\.2-1 is kept/.test(wrong.error ?? '');
    });
    expect(await fleet.installed('web-1')).toEqual(['app 1.2-1', 'lib 1']);
    await fleet.apply(spec([{ name: 'app', version: '1.0-1' }], { downgrade: true }));
    await fleet.has('web-1', ['app 1.0-1', 'lib 1']);
  });

  it('wait for promotion under updates: manual', async () => {
    await fleet.apply(spec(['app']));
    await fleet.has('web-1', ['app 1.2-1', 'lib 1']);
    await fleet.until('web-1', 'its lock is written down', async () =>
      (await fleet.ctl('spec', 'lock', 'base')).stdout.includes('app 1.2-1'),
    );
    await fleet.apply(spec(['app'], { updates: 'manual' }));
    await publish('app', '1.3-1');
    const updates = await fleet.server.ctl(['spec', 'updates', 'base']);
    expect([updates.status, updates.stdout]).toEqual([
      3,
      expect.stringMatching(/app 1\.2-1 → 1\.3-1/),
    ]);
    expect(await fleet.installed('web-1')).toEqual(['app 1.2-1', 'lib 1']);
    await fleet.ctl('spec', 'promote', 'base');
    await fleet.has('web-1', ['app 1.3-1', 'lib 1']);
  });

  it('with version: auto the device picks versions', async () => {
    await fleet.apply({ id: 'auto', target: { role: 'auto' }, packages: ['app'], version: 'auto' });
    await repository.add({ name: 'app', version: '1.4-1', fields: { Depends: 'lib' } });
    await repository.publish();
    await fleet.start('auto-1', { ...labels, role: 'auto' });
    await fleet.has('auto-1', ['app 1.4-1', 'lib 1']);
    expect(await fleet.installed('web-1')).toEqual(['app 1.3-1', 'lib 1']);
  });

  it('of a device with its own installed list are resolved for that list', async () => {
    await repository.add({
      name: 'tool',
      version: '1',
      fields: { Depends: 'engine-a | engine-b' },
    });
    await repository.add({ name: 'engine-a', version: '1', fields: { Conflicts: 'legacy' } });
    await repository.add({ name: 'engine-b', version: '1' });
    await repository.add({ name: 'legacy', version: '1' });
    await repository.publish();
    await fleet.ctl('source', 'refresh', 'stable');
    await installByHand(repository, root('own-1'), 'legacy_1_all.deb');
    await fleet.apply({ id: 'tools', target: { role: 'tools' }, packages: ['tool'] });
    await fleet.start('clean-1', { ...labels, role: 'tools' });
    await fleet.has('clean-1', ['engine-a 1', 'tool 1']);
    await fleet.start('own-1', { ...labels, role: 'tools' });
    await fleet.has('own-1', ['engine-b 1', 'legacy 1', 'tool 1']);
  });

  it('come from the sources of the device, and from no others', async () => {
    await fleet.apply(source({ id: 'lab', target: { site: 'lab' } }));
    await fleet.start('lab-1', { ...labels, role: 'web', site: 'lab' });
    await fleet.has('lab-1', ['app 1.3-1', 'lib 1']);
    const listed = (id: string): string[] => {
      const folder = root(id, 'etc/apt/sources.list.d');
      return existsSync(folder) ? readdirSync(folder).sort() : [];
    };
    expect(listed('lab-1').length).toBe(listed('web-1').length + 1);
    expect(listed('lab-1').join()).toContain('lab');
    expect(listed('web-1').join()).not.toContain('lab');
  });

  it('are removed with their prerequisites when no spec wants them any more', async () => {
    const { stderr, status } = await fleet.server.ctl(['spec', 'delete', 'base']);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/confirm/)]);
    const count = /--confirm-removals[ =](\d+)/.exec(stderr)?.[1] ?? '';
    await fleet.ctl('spec', 'delete', 'base', '--confirm-removals', count);
    await fleet.has('web-1', []);
    expect(existsSync(root('web-1', 'usr/share/app/version'))).toBe(false);
    expect(await fleet.installed('own-1')).toEqual(['engine-b 1', 'legacy 1', 'tool 1']);
  });
});

function files(name: string, version: string): Record<string, string> {
  return { [`/usr/share/${name}/version`]: version };
}

/** What somebody did on the device before there was an agent. */
async function installByHand(repository: AptRepository, root: string, file: string): Promise<void> {
  for (const folder of ['updates', 'info', 'triggers'])
    await runTool('mkdir', ['-p', join(root, 'var/lib/dpkg', folder)]);
  await runTool('touch', [join(root, 'var/lib/dpkg/status')]);
  const deb = join(repository.directory, 'pool/main', file);
  const forces = ['--force-not-root', '--force-script-chrootless', '--log=/dev/null'];
  await runTool('dpkg', [`--root=${root}`, ...forces, '--install', deb]);
}
