import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AptRepository, aptTools, createAptRepository } from '../support/apt-repository.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { type PackageFleet, startPackageFleet } from '../support/package-fleet.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';
import { signFile, signingKey } from '../support/signing-key.ts';
import { createYumRepository, type YumRepository, yumTools } from '../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, ...yumTools, 'apt', 'dpkg', 'dnf']);

interface SourceStatus {
  state: string;
  error: { code: string; detail: string } | null;
}

/** Repositories that lie, are broken or go away: nothing changes on the devices, and the reason is shown. */
describe.skipIf(leftOut !== null)('repositories that cannot be trusted', () => {
  let fleet: PackageFleet;
  let apt: AptRepository;
  let yum: YumRepository;
  let aptServer: DirectoryServer;
  let yumServer: DirectoryServer;

  beforeAll(async () => {
    fleet = await startPackageFleet();
    apt = await createAptRepository({ directory: fleet.path('apt') });
    yum = await createYumRepository({ directory: fleet.path('yum') });
    await offer('1');
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
    await follow('1');
  });

  afterAll(async () => {
    await fleet?.stop();
    await aptServer?.close();
    await yumServer?.close();
  });

  const offer = async (version: string): Promise<void> => {
    await apt.add({ name: 'app', version: `${version}-1`, arch: 'amd64' });
    await yum.add({ name: 'app', version, arch: 'x86_64' });
  };
  const follow = async (version: string): Promise<void> => {
    await fleet.has('deb-1', [`app ${version}-1`]);
    await fleet.has('rpm-1', [`app ${version}-1`]);
  };

  /** Whatever becomes of the repository in `spoil`: the refresh fails so, and all is well once it is put right. */
  async function expectRefused(
    id: 'deb' | 'rpm',
    code: string,
    spoil: () => Promise<void>,
  ): Promise<void> {
    const before = await fleet.device(`${id}-1`);
    await offer('2');
    await spoil();
    const { status, stdout } = await fleet.server.ctl(['source', 'refresh', id]);
    expect([status, stdout]).toEqual([1, expect.stringContaining(code)]);
    const { state, error } = await fleet.server.ctlJson<SourceStatus>(['source', 'status', id]);
    expect([state, error?.code]).toEqual(['failed', code]);
    expect(error?.detail).toContain('http://127.0.0.1:');
    expect((await fleet.ctl('events')).stdout).toContain(error?.detail);
    const after = await fleet.device(`${id}-1`);
    expect([after.desired?.revision, after.phase]).toEqual([before.desired?.revision, 'idle']);
    expect(await fleet.installed(`${id}-1`)).toEqual(['app 1-1']);
    await putRight(id);
  }

  const putRight = async (id: 'deb' | 'rpm'): Promise<void> => {
    aptServer.behave();
    yumServer.behave();
    await apt.withdraw('app', '2-1');
    await yum.withdraw('app', '2');
    await (id === 'deb' ? apt : yum).publish();
    await fleet.ctl('source', 'refresh', id);
  };
  const spoilFile = (path: string, change: (text: string) => string): void =>
    writeFileSync(path, change(readFileSync(path, 'utf8')));

  it('a signature by another key', () =>
    expectRefused('deb', 'bad-signature', async () => {
      await apt.publish({ sign: false });
      const release = join(apt.directory, 'dists/stable/Release');
      const stranger = await signingKey('stranger');
      await signFile(stranger, release, join(release, '../InRelease'), 'cleartext');
    }));

  it('a Release that was changed after it was signed', () =>
    expectRefused('deb', 'bad-signature', async () => {
      await apt.publish();
      const file = join(apt.directory, 'dists/stable/InRelease');
      spoilFile(file, (text) => text.replace('Suite: stable', 'Suite: stabIe'));
    }));

  it('a Release that has expired', () =>
    expectRefused('deb', 'index-expired', () =>
      apt.publish({ validUntil: new Date(Date.now() - 86_400_000) }),
    ));

  it('an index that breaks off', () =>
    expectRefused('deb', 'source-unreachable', async () => {
      await apt.publish();
      aptServer.misbehave(/Packages/, { kind: 'break', after: 100 });
    }));

  it('an index that is truncated', () =>
    expectRefused('deb', 'digest-mismatch', async () => {
      await apt.publish();
      const bytes = readFileSync(
        join(apt.directory, 'dists/stable/main/binary-amd64/Packages.gz'),
      ).subarray(0, 200);
      aptServer.misbehave(/Packages/, { kind: 'bytes', bytes });
    }));

  it('an index with a checksum that lies', () =>
    expectRefused('deb', 'digest-mismatch', async () => {
      await apt.publish();
      const file = join(apt.directory, 'dists/stable/main/binary-amd64/Packages.gz');
      const bytes = readFileSync(file);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      aptServer.misbehave(/Packages/, { kind: 'bytes', bytes });
    }));

  it('a repository that is gone', () =>
    expectRefused('deb', 'source-unreachable', async () => {
      await apt.publish();
      aptServer.misbehave(/./, { kind: 'status', status: 404 });
    }));

  it('yum: the signature of another repomd.xml', () =>
    expectRefused('rpm', 'bad-signature', async () => {
      const bytes = readFileSync(join(yum.directory, 'repodata/repomd.xml.asc'));
      await yum.publish();
      yumServer.misbehave('/repomd.xml.asc', { kind: 'bytes', bytes });
    }));

  it('yum: a primary.xml with a checksum that lies', () =>
    expectRefused('rpm', 'digest-mismatch', async () => {
      await yum.publish();
      yumServer.misbehave(/primary/, { kind: 'bytes', bytes: 'other' });
    }));

  it('vanishes while the devices download: they keep what they have, and follow later', async () => {
    aptServer.misbehave(/\.deb$/, { kind: 'break', after: 50 });
    yumServer.misbehave(/\.rpm$/, { kind: 'status', status: 404 });
    await offer('3');
    await apt.publish();
    await yum.publish();
    await fleet.ctl('source', 'refresh');
    for (const id of ['deb-1', 'rpm-1']) {
      await expectFailure(id, /could not fetch/);
      expect(await fleet.installed(id)).toEqual(['app 1-1']);
    }
    aptServer.behave();
    yumServer.behave();
    await next('4');
  });

  it('packages that are not those that were signed: they are not installed', async () => {
    aptServer.misbehave(/\.deb$/, { kind: 'bytes', bytes: 'evil' });
    yumServer.misbehave(/\.rpm$/, { kind: 'bytes', bytes: 'evil' });
    await offer('5');
    await apt.publish();
    await yum.publish();
    await fleet.ctl('source', 'refresh');
    for (const id of ['deb-1', 'rpm-1']) {
      await expectFailure(id, id === 'deb-1' ? /app_5-1_amd64\.deb/ : /app-5-1\.x86_64/);
      expect(await fleet.installed(id)).toEqual(['app 4-1']);
    }
    aptServer.behave();
    yumServer.behave();
    await next('6');
  });

  /** The device does not go on, and says why. */
  const expectFailure = (id: string, why: RegExp) =>
    fleet.until(id, `says ${why}`, async () => {
      const device = await fleet.device(id);
      return (
        /^(failed|waiting|rolled-back)$/.test(device.phase) && why.test(JSON.stringify(device))
      );
    });
  const next = async (version: string): Promise<void> => {
    await offer(version);
    await apt.publish();
    await yum.publish();
    await fleet.ctl('source', 'refresh');
    await follow(version);
  };
});
