import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AptRepository, aptTools, createAptRepository } from '../support/apt-repository.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { type PackageFleet, startPackageFleet } from '../support/package-fleet.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';
import { signingKey } from '../support/signing-key.ts';
import { createYumRepository, type YumRepository, yumTools } from '../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, ...yumTools, 'apt', 'dpkg', 'dnf']);

interface ListedSource {
  id: string;
  status: { state: string; error: { code: string; detail: string } | null };
}

/** Repositories that lie, are broken or go away: nothing changes on the devices, and the reason is shown. */
describe.skipIf(leftOut !== null)('repositories that cannot be trusted', () => {
  let fleet: PackageFleet;
  let apt: AptRepository;
  let yum: YumRepository;
  let aptServer: DirectoryServer;
  let yumServer: DirectoryServer;
  let version = 1;

  beforeAll(async () => {
    fleet = await startPackageFleet();
    apt = await createAptRepository({ directory: fleet.path('apt') });
    yum = await createYumRepository({ directory: fleet.path('yum') });
    await addNext();
    await apt.publish();
    await yum.publish();
    aptServer = await serveDirectory(apt.directory);
    yumServer = await serveDirectory(yum.directory);
    const signedBy = apt.key.publicKey;
    await fleet.apply(
      {
        ...{ kind: 'Source', id: 'deb', type: 'apt', url: aptServer.url, suite: 'stable' },
        ...{ components: ['main'], target: {}, signedBy },
      },
      { kind: 'Source', id: 'rpm', type: 'yum', rawUrl: yumServer.url, target: {}, signedBy },
      { id: 'base', target: {}, packages: ['app'] },
    );
    await fleet.start('deb-1', { os: 'debian', arch: 'amd64', packages: 'apt' });
    await fleet.start('rpm-1', { os: 'centos', arch: 'amd64', packages: 'dnf' });
  });

  afterAll(async () => {
    await fleet?.stop();
    await aptServer?.close();
    await yumServer?.close();
  });

  /** After each fault the repository is put right, and the devices follow. */
  afterEach(async () => {
    aptServer.behave();
    yumServer.behave();
    await addNext();
    await apt.publish();
    await yum.publish();
    await fleet.ctl('source', 'refresh');
    await follow();
  });

  const addNext = async (): Promise<void> => {
    version += 1;
    await apt.add({ name: 'app', version: `${version}-1`, arch: 'amd64' });
    await yum.add({ name: 'app', version: `${version}`, arch: 'x86_64' });
  };
  const follow = async (): Promise<void> => {
    await fleet.has('deb-1', [`app ${version}-1`]);
    await fleet.has('rpm-1', [`app ${version}-1`]);
  };
  const status = async (id: string): Promise<ListedSource['status']> => {
    const sources = await fleet.server.ctlJson<ListedSource[]>(['source', 'list']);
    const found = sources.find((one) => one.id === id);
    if (!found) throw new Error(`no source ${id}`);
    return found.status;
  };

  /** The refresh fails with the code, says why on every place, and no device moves. */
  async function expectRefused(id: string, code: string, why: RegExp): Promise<void> {
    const before = [await fleet.installed('deb-1'), await fleet.installed('rpm-1')];
    const revision = (await fleet.device(`${id}-1`)).desired?.revision;
    const refreshed = await fleet.server.ctl(['source', 'refresh', id]);
    expect(refreshed.status).toBe(1);
    expect(refreshed.stdout + refreshed.stderr).toMatch(why);
    const { state, error } = await status(id);
    expect([state, error?.code]).toEqual(['failed', code]);
    expect(error?.detail).toMatch(why);
    const { stdout } = await fleet.ctl('events');
    expect(stdout).toMatch(why);
    expect((await fleet.device(`${id}-1`)).desired?.revision).toBe(revision);
    expect([await fleet.installed('deb-1'), await fleet.installed('rpm-1')]).toEqual(before);
  }

  it('work as long as they are honest', follow);

  it('signed by another key', async () => {
    await addNext();
    const other = await createAptRepository({
      ...{ directory: apt.directory, key: await signingKey('stranger') },
    });
    await other.publish();
    await expectRefused('deb', 'bad-signature', /sign/i);
  });

  it('changed after it was signed', async () => {
    await addNext();
    await apt.publish();
    const file = join(apt.directory, 'dists/stable/InRelease');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Suite: stable', 'Suite: stabIe'));
    await expectRefused('deb', 'bad-signature', /sign/i);
  });

  it('with a Release that has expired', async () => {
    await addNext();
    await apt.publish({ validUntil: new Date(Date.now() - 86_400_000) });
    await expectRefused('deb', 'source-expired', /expired|valid/i);
  });

  it('with an index that ends too early', async () => {
    await addNext();
    await apt.publish();
    aptServer.misbehave(/Packages/, { kind: 'break', after: 100 });
    await expectRefused('deb', 'source-unreachable', /Packages/);
  });

  it('with an index that is not the one that was signed', async () => {
    await addNext();
    await apt.publish();
    aptServer.misbehave(/Packages/, { kind: 'bytes', bytes: 'Package: evil\n' });
    await expectRefused('deb', 'bad-checksum', /checksum|SHA256/i);
  });

  it('yum: a repomd.xml with a signature of another one', async () => {
    await addNext();
    const asc = readFileSync(join(yum.directory, 'repodata/repomd.xml.asc'));
    await yum.publish();
    yumServer.misbehave('/repomd.xml.asc', { kind: 'bytes', bytes: asc });
    await expectRefused('rpm', 'bad-signature', /sign/i);
  });

  it('yum: a primary.xml that is not the one that repomd.xml names', async () => {
    await addNext();
    await yum.publish();
    yumServer.misbehave(/primary/, { kind: 'bytes', bytes: 'other' });
    await expectRefused('rpm', 'bad-checksum', /checksum|sha256/i);
  });

  for (const [id, path, behaviour] of [
    ['deb', /\.deb$/, 'break'],
    ['deb', /\.deb$/, 'bytes'],
    ['rpm', /\.rpm$/, 'break'],
    ['rpm', /\.rpm$/, 'bytes'],
  ] as const) {
    it(`${id}: the package's file ${behaviour === 'break' ? 'breaks off' : 'is another one'} on the way to the device`, async () => {
      const before = await fleet.installed(`${id}-1`);
      await addNext();
      await (id === 'deb' ? apt : yum).publish();
      const server = id === 'deb' ? aptServer : yumServer;
      server.misbehave(
        path,
        behaviour === 'break' ? { kind: 'break', after: 50 } : { kind: 'bytes', bytes: 'evil' },
      );
      await fleet.ctl('source', 'refresh', id);
      await fleet.until(`${id}-1`, 'a reason', async () => {
        const { phase, reason } = await fleet.device(`${id}-1`);
        return /failed|waiting|rolled-back/.test(phase) && /app/.test(reason ?? '');
      });
      expect(await fleet.installed(`${id}-1`)).toEqual(before);
    });
  }

  it('gone between the refresh and the download', async () => {
    const before = await fleet.installed('deb-1');
    await addNext();
    await apt.publish();
    aptServer.misbehave(/\.deb$/, { kind: 'status', status: 404 });
    await fleet.ctl('source', 'refresh', 'deb');
    await fleet.until('deb-1', 'a reason', async () => {
      const { phase, reason } = await fleet.device('deb-1');
      return /failed|waiting|rolled-back/.test(phase) && reason !== null;
    });
    expect(await fleet.installed('deb-1')).toEqual(before);
  });
});
