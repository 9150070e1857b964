import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView, EventView, Page } from '../../proto/api.ts';
import type { RenewalHolds, SpecUpdatesView } from '../../proto/package-views.ts';
import { aptTools, createAptRepository } from '../support/apt-repository.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { joinToken } from '../support/example.ts';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';
import { until } from '../support/until.ts';

const { leftOut } = await ensureDebianPackages(aptTools);

/** A repository whose next state would take a package from the whole fleet, and a server that is killed meanwhile. */
describe.runIf(leftOut === null)('an update that would take packages from the whole fleet', () => {
  const directory = temporaryDirectory('jamesd-renewal-guard-');
  const data = join(directory.path, 'data');
  let repository: Awaited<ReturnType<typeof createAptRepository>>;
  let files: DirectoryServer;
  let server: ServerProcess;

  beforeAll(async () => {
    repository = await createAptRepository({ directory: join(directory.path, 'repository') });
    await repository.add({ name: 'nginx', version: '1.22', fields: { Depends: 'libssl3' } });
    await repository.add({ name: 'libssl3', version: '3.0' });
    await repository.publish();
    files = await serveDirectory(repository.directory);
    server = await startServer(data);
    await server.api('PUT', '/v1/sources/debian', {
      ...{ id: 'debian', type: 'apt', url: files.url, suite: 'stable', components: ['main'] },
      ...{ archs: ['amd64'], target: {}, signedBy: repository.key.publicKey, essential: false },
    });
    await refresh();
    const token = await joinToken(server);
    for (const id of ['buoy-1', 'buoy-2', 'buoy-3'])
      await fetch(`${server.http}/v1/enrol`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ id, labels: { os: 'debian', arch: 'amd64', packages: 'apt' } }),
      });
    await server.api('PUT', '/v1/specs/web', { id: 'web', target: {}, packages: ['nginx'] });
  });

  afterAll(async () => {
    await server?.stop();
    await files?.close();
    directory.remove();
  });

  const refresh = async (): Promise<void> => {
    expect(await server.ctl(['source', 'refresh', 'debian'])).toMatchObject({ status: 0 });
  };
  const holds = async () => (await server.api<RenewalHolds>('GET', '/v1/holds')).body.items;
  const isHeld = (wanted: boolean) =>
    until(`held: ${wanted}`, async () => (await holds()).length > 0 === wanted);
  const digests = async () => {
    const { body } = await server.api<Page<DeviceView>>('GET', '/v1/devices');
    return body.items.map(({ desired }) => desired?.digest);
  };
  const eventKinds = async () => {
    const { body } = await server.api<Page<EventView>>('GET', '/v1/events');
    return body.items.map(({ kind }) => kind).filter((kind) => kind.startsWith('renewal-'));
  };
  const heldSpecs = async () =>
    /^jamesd_specs_held (\d+)$/m.exec(await (await fetch(`${server.http}/metrics`)).text())?.[1];

  it('is held; devices keep what they have, and everybody can see it', async () => {
    await until('all devices have the lock', async () => {
      const all = await digests();
      return all.length === 3 && all.every((digest) => digest === all[0]);
    });
    const before = await digests();
    await repository.add({ name: 'nginx', version: '1.24' });
    await repository.publish();
    await refresh();
    await isHeld(true);
    const [hold] = await holds();
    expect(hold).toMatchObject({ spec: 'web', removals: 3, devicesLosing: 3, devicesEmptied: 0 });
    expect(await digests()).toEqual(before);
    expect(await heldSpecs()).toBe('1');
    const shown = await server.ctl(['spec', 'updates', 'web']);
    expect(shown.status).toBe(3);
    expect(shown.stdout).toContain('is held: it means 3 removals on 3 devices');
    expect((await server.ctl(['doctor'])).stdout).toMatch(/updates\s+warning\s+held.*web/);
    expect(await eventKinds()).toEqual(['renewal-held']);
  });

  it('stays held when the server is killed and whatever comes after', async () => {
    const before = await digests();
    await server.stop('SIGKILL');
    server = await startServer(data);
    expect(await holds()).toMatchObject([{ spec: 'web', removals: 3 }]);
    await refresh();
    expect(await digests()).toEqual(before);
    expect(await eventKinds()).not.toContain('renewal-resumed');
  });

  it('is taken with exactly the number of removals, and the spec goes on by itself', async () => {
    const refused = await server.api('POST', '/v1/specs/web/promote');
    expect(refused).toMatchObject({
      ...{ status: 409, body: { code: 'removals-unconfirmed', removals: 3, devices: 3 } },
    });
    const wrong = await server.ctl(['spec', 'promote', 'web', '--confirm-removals', '2']);
    expect(wrong.status).toBe(1);
    const before = await digests();
    const promote = ['spec', 'promote', 'web', '--confirm-removals', '3'];
    expect(await server.ctlJson<SpecUpdatesView>(promote)).toMatchObject({
      impact: { removals: 3 },
    });
    await isHeld(false);
    const after = await digests();
    expect(after).not.toEqual(before);
    expect(await heldSpecs()).toBe('0');
    await repository.add({ name: 'nginx', version: '1.26' });
    await repository.publish();
    await refresh();
    await until('devices follow', async () => String(await digests()) !== String(after));
    expect(await holds()).toEqual([]);
  });

  it('is over where a later state of the repository brings the package back', async () => {
    await repository.add({ name: 'nginx', version: '1.28', fields: { Depends: 'libssl3' } });
    await repository.publish();
    await refresh();
    await repository.withdraw('nginx', '1.28');
    await repository.add({ name: 'nginx', version: '1.29' });
    await repository.publish();
    await refresh();
    await isHeld(true);
    await repository.add({ name: 'nginx', version: '1.30', fields: { Depends: 'libssl3' } });
    await repository.publish();
    await refresh();
    await isHeld(false);
    expect((await eventKinds())[0]).toBe('renewal-resumed');
    const { stdout } = await server.ctl(['spec', 'lock', 'web']);
    expect(stdout).toMatch(/nginx 1\.30/);
  });
});
