import { describe, expect, it, onTestFinished } from 'vitest';
import { type InstalledPackage, installedDigest } from '../../../proto/lock.ts';
import { explainRoutes } from '../../../server/http/routes/explain.ts';
import { lockRoutes } from '../../../server/http/routes/locks.ts';
import { resolveRoutes } from '../../../server/http/routes/resolve.ts';
import { specLockRoutes } from '../../../server/http/routes/spec-locks.ts';
import { deb } from '../../support/memory-catalogue.ts';
import { createPlannerWorld } from '../../support/planner-world.ts';
import { asDevice, asOperator, testApp } from '../../support/test-app.ts';

const facts = { os: 'debian', arch: 'amd64', packages: 'apt' };
const records = [
  deb('nginx', '1.22-1', { depends: 'libssl3 | tls' }),
  deb('libssl3', '3.0-1'),
  deb('gnutls', '1', { provides: 'tls' }),
];

/** Two devices, one of which gets nginx by a spec with manual updates, behind the real routes. */
async function server() {
  const world = await createPlannerWorld();
  onTestFinished(() => world.planner.stop());
  await world.putSources({
    ...{ id: 'debian', type: 'apt', url: 'https://deb.example.org/debian', suite: 'stable' },
    ...{ archs: ['amd64'], target: {}, essential: false },
  });
  world.catalogue.offer('debian', records);
  world.devices.report('d1', { ...facts, site: 'a' });
  world.devices.report('d2', facts);
  await world.put({
    ...{ id: 'web', target: { site: 'a' }, updates: 'manual' as const },
    packages: ['nginx'],
  });
  let on = false;
  const debug = {
    get: () => on,
    set(wanted: boolean) {
      on = wanted;
    },
  };
  const { planner } = world;
  const app = testApp([
    lockRoutes(planner),
    specLockRoutes(planner),
    resolveRoutes({ planner, debug }),
    explainRoutes(planner),
  ]);
  const ask = async (line: string, payload?: object, headers: object = asOperator) => {
    const [method = 'GET', path = ''] = line.split(' ');
    const response = await app.inject({
      ...{ method: method as 'GET', url: `/v1${path}`, headers: { ...headers } },
      ...(payload && { payload }),
    });
    const text = response.payload;
    return {
      status: response.statusCode,
      headers: response.headers,
      body: text && JSON.parse(text),
    };
  };
  return { world, ask };
}

describe('locks of devices', () => {
  it('are read by operators and by the device whose state names them', async () => {
    const { world, ask } = await server();
    const { lock } = await world.document('d1');
    const path = `GET /locks/${lock?.digest}`;
    const first = await ask(path, undefined, asDevice('d1'));
    expect(first).toMatchObject({ status: 200, body: { type: 'deb', keep: [] } });
    expect(first.headers.etag).toBe(`"${lock?.digest}"`);
    expect(first.headers['cache-control']).toContain('immutable');
    expect((await ask(path)).body).toEqual(first.body);
    expect(await ask(path, undefined, asDevice('d2'))).toMatchObject({
      ...{ status: 403, body: { code: 'forbidden' } },
    });
    const again = { ...asDevice('d1'), 'if-none-match': `"${lock?.digest}"` };
    expect((await ask(path, undefined, again)).status).toBe(304);
    expect((await ask(`GET /locks/sha256:${'0'.repeat(64)}`)).status).toBe(404);
    expect((await ask('GET /locks/nonsense')).status).toBe(400);
  });

  it('are solved for the list of a device, which is sent when it is asked for', async () => {
    const { world, ask } = await server();
    const installed: InstalledPackage[] = [
      { name: 'gnutls', version: '1', arch: 'amd64', auto: true },
    ];
    const { lock } = await world.document('d1');
    const request = { lock: lock?.digest, installedDigest: installedDigest(installed) };
    const path = 'POST /devices/d1/resolve';
    expect(await ask(path, request, asDevice('d1'))).toMatchObject({
      ...{ status: 409, body: { code: 'installed-list-needed' } },
    });
    const answer = await ask(path, { ...request, installed }, asDevice('d1'));
    expect(answer.body.packages.map((one: { name: string }) => one.name)).toEqual([
      ...['gnutls', 'nginx'],
    ]);
    expect((await ask(path, request, asDevice('d2'))).status).toBe(403);
    expect((await ask(path, request)).status).toBe(403);
  });
});

describe('locks of specs', () => {
  it('are shown, proposed and promoted; what nobody proposes cannot be', async () => {
    const { world, ask } = await server();
    expect(await ask('GET /specs/web/lock')).toMatchObject({
      ...{ status: 200, body: { revision: 1, updates: 'manual', rows: [{ devices: 1 }] } },
    });
    expect(await ask('POST /specs/web/promote')).toMatchObject({
      ...{ status: 409, body: { code: 'nothing-to-promote' } },
    });
    world.catalogue.offer('debian', [...records, deb('nginx', '1.24-1')]);
    await world.planner.settled();
    const { body } = await ask('GET /specs/web/updates');
    expect(body.rows[0].packages.upgrades[0].to.version).toBe('1.24-1');
    expect(await ask('POST /specs/web/promote')).toMatchObject({
      ...{ status: 409, body: { code: 'removals-unconfirmed', removals: 1, devices: 1 } },
    });
    expect((await ask('POST /specs/web/promote?confirmRemovals=1')).status).toBe(200);
    await world.planner.settled();
    expect((await ask('GET /specs/web/locks?limit=1')).body).toMatchObject({
      items: [{ revision: 2, cause: 'promoted', author: 'op' }],
    });
    expect((await ask('GET /specs/web/lock?revision=1')).body.digest).toBe(body.lock);
    expect((await ask('GET /specs/none/lock')).status).toBe(404);
    expect((await ask('GET /specs/none/updates')).status).toBe(404);
    expect((await ask('GET /specs/none/locks')).status).toBe(404);
    expect((await ask('GET /specs/web/lock', undefined, asDevice('d1'))).status).toBe(403);
  });
});

describe('earlier locks of specs', () => {
  it('are compared and taken again; too many removals have to be confirmed', async () => {
    const { world, ask } = await server();
    const more = [...records, deb('nginx', '1.24-1', { depends: 'libssl3, extra' })];
    world.catalogue.offer('debian', [...more, deb('extra', '1')]);
    await world.planner.settled();
    expect((await ask('POST /specs/web/promote')).status).toBe(200);
    await world.planner.settled();
    const { body } = await ask('GET /specs/web/lock/diff?from=1&to=2');
    expect(body.rows).toMatchObject([
      {
        ...{ devices: 1, change: 'changed', packets: [] },
        packages: {
          installs: [{ name: 'extra' }],
          upgrades: [{ from: { version: '1.22-1' }, to: { version: '1.24-1' } }],
        },
      },
    ]);
    expect((await ask('GET /specs/web/lock/diff')).body).toEqual(body);
    expect(await ask('POST /specs/web/promote?lock=1')).toMatchObject({
      ...{ status: 409, body: { code: 'removals-unconfirmed', removals: 1, devices: 1 } },
    });
    expect((await ask('POST /specs/web/promote?lock=1&confirmRemovals=1')).status).toBe(200);
    await world.planner.settled();
    expect((await ask('GET /specs/web/lock')).body).toMatchObject({
      ...{ revision: 3, cause: 'returned', author: 'op', digest: body.from.digest },
    });
    expect(await ask('POST /specs/web/promote?lock=1')).toMatchObject({
      ...{ status: 409, body: { code: 'nothing-to-promote' } },
    });
    expect((await ask('POST /specs/web/promote?lock=7')).status).toBe(404);
    expect((await ask('POST /specs/web/promote?lock=0')).status).toBe(400);
    expect((await ask('GET /specs/web/lock/diff?from=7')).status).toBe(404);
    expect((await ask('GET /specs/none/lock/diff')).status).toBe(404);
    expect((await ask('POST /specs/web/promote?lock=1', undefined, asDevice('d1'))).status).toBe(
      403,
    );
    await world.put({ id: 'web', target: { site: 'a' }, packages: ['nginx'] });
    expect(await ask('POST /specs/web/promote?lock=1')).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining('Say updates: manual') } },
    });
  });
});

describe('questions to the resolver', () => {
  it('answer for a device, for labels and for names, with the steps where they are asked for', async () => {
    const { ask } = await server();
    const own = await ask('POST /resolve', { device: 'd1' });
    expect(own.body).toMatchObject({ type: 'deb', unresolved: [], trace: [] });
    expect(own.body.packages.map((one: { name: string }) => one.name)).toEqual([
      ...['libssl3', 'nginx'],
    ]);
    const named = await ask('POST /resolve', {
      ...{ labels: facts, names: ['nginx', 'unheard-of'], debug: true },
    });
    expect(named.body.trace).toContain("Package nginx: adding new deps ['libssl3']");
    expect(named.body).toMatchObject({
      ...{ unresolved: ['unheard-of'], problems: [{ code: 'unresolvable', name: 'unheard-of' }] },
    });
    expect((await ask('POST /resolve', { names: ['x'] })).status).toBe(400);
    expect((await ask('POST /resolve', { device: 'nobody' })).status).toBe(404);
  });

  it('tell what is offered, and why a version is not taken', async () => {
    const { world, ask } = await server();
    world.catalogue.offer('debian', [...records, deb('nginx', '1.18-1')]);
    await world.planner.settled();
    expect((await ask('GET /packages?name=nginx&device=d1')).body.items).toMatchObject([
      { version: '1.22-1', chosen: true, why: null },
      { version: '1.18-1', chosen: false, why: 'its version is lower than 1.22-1' },
    ]);
    const found = (await ask('GET /packages?search=ssl')).body.items;
    expect(found.map((one: { name: string }) => one.name)).toEqual(['libssl3']);
    expect((await ask('GET /packages')).status).toBe(400);
  });

  it('explain a package of a device by the chain to its spec', async () => {
    const { ask } = await server();
    expect((await ask('GET /explain/d1?app=libssl3')).body).toMatchObject({
      apps: [],
      sources: [{ id: 'debian', applies: true }],
      packages: [
        {
          ...{ name: 'libssl3', auto: true },
          reason: { spec: 'web', neededBy: ['nginx'], relation: { kind: 'depends' } },
        },
      ],
    });
  });

  it('switch the steps in the log', async () => {
    const { ask } = await server();
    const set = async (mode: string) => (await ask('POST /resolver/debug', { mode })).body;
    expect(await set('on')).toEqual({ debug: true });
    expect(await set('toggle')).toEqual({ debug: false });
    expect((await ask('POST /resolver/debug', { mode: 'loud' })).status).toBe(400);
  });
});
