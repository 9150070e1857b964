import { describe, expect, it } from 'vitest';
import { deviceRow } from '../../../server/registry/device-state.ts';
import { keys } from '../../../server/store/keys.ts';
import { createRegistryWorld, type RegistryWorld } from '../../support/registry-world.ts';

const get = async (world: RegistryWorld, path: string) =>
  world.app.inject({ url: `/v1/devices${path}`, headers: world.operator });
const ids = (answer: { json: () => { items: { id: string }[] } }) =>
  answer.json().items.map(({ id }) => id);

describe('a device as it is shown', () => {
  it('has labels, phase, desired, reported and whether it converged', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a', { fleet: 'alpha' });
    expect((await get(world, '/a')).json()).toMatchObject({
      id: 'a',
      state: 'enrolled',
      phase: 'waiting',
      reason: 'report',
      converged: false,
      online: false,
      transport: null,
      desired: { revision: 1, problems: [] },
      reported: null,
      lastSeenAt: null,
    });
    const point = world.planner.desiredOf('a');
    const installed = { revision: 1, digest: point?.digest ?? '' };
    await world.report('a', { seq: 1, epoch: 'epoch-1', installed });
    expect((await get(world, '/a')).json()).toMatchObject({
      phase: 'idle',
      reason: null,
      converged: true,
      reported: { seq: 1, installed },
    });
  });

  it.each([
    ['another revision', { installed: { revision: 2, digest: '' } }],
    ['another digest', { installed: { revision: 1, digest: 'sha256:00' } }],
    ['another epoch', { epoch: 'epoch-0' }],
    ['another phase', { phase: 'applying' as const }],
    ['nothing installed', { installed: null }],
  ])('has not converged with %s', async (_what, part) => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const installed = { revision: 1, digest: world.planner.desiredOf('a')?.digest ?? '' };
    await world.report('a', { epoch: 'epoch-1', installed, ...part });
    expect((await get(world, '/a')).json().converged).toBe(false);
  });

  it('has in its row until when it waits, and that a reboot is left to a person', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const entry = world.registry.get('a');
    const row = () => {
      if (!entry) throw new Error('a is not enrolled');
      const point = world.planner.desiredOf('a');
      return deviceRow(entry, point, { get: () => undefined }, 'epoch-1');
    };
    expect(row()).not.toHaveProperty('retryAt');
    const retryAt = '2026-11-25T02:00:00.000Z';
    await world.report('a', { seq: 1, phase: 'waiting', reason: 'window', retryAt });
    expect(row()).toMatchObject({ phase: 'waiting', reason: 'window', retryAt });
    await world.report('a', { seq: 2, rebootPending: true });
    expect(row()).toMatchObject({ phase: 'idle', rebootPending: true });
    expect(row()).not.toHaveProperty('retryAt');
    const shown = (await get(world, '/a')).json();
    expect(shown.reported).toMatchObject({ rebootPending: true });
  });

  it('never shows the secret or its hash', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const record = JSON.parse((await world.store.get(keys.device('a')))?.value ?? '');
    const shown = (await get(world, '/a')).body + (await get(world, '')).body;
    expect(shown).not.toContain(record.secret);
    expect(shown).not.toContain('secret');
  });

  it('is shown to operators and to the device itself', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    await world.enrol('b');
    const status = async (url: string, headers: Record<string, string>) =>
      (await world.app.inject({ url, headers })).statusCode;
    expect(await status('/v1/devices/a', { authorization })).toBe(200);
    expect(await status('/v1/devices/b', { authorization })).toBe(403);
    expect(await status('/v1/devices', { authorization })).toBe(403);
    expect(await status('/v1/devices/a', {})).toBe(401);
    expect(await status('/v1/devices/nobody', world.operator)).toBe(404);
  });
});

describe('the list of devices', () => {
  const names = ['a', 'a-1', 'b', 'B', 'c', '10', '9', 'd'];

  it('is in id order and pages by a cursor that comings and goings do not shift', async () => {
    const world = await createRegistryWorld();
    for (const id of names) await world.enrol(id);
    const sorted = [...names].sort();
    const first = await get(world, '?limit=3');
    expect(ids(first)).toEqual(sorted.slice(0, 3));
    await world.registry.remove(sorted[0] ?? '', 'server');
    await world.registry.remove(sorted[2] ?? '', 'server');
    await world.enrol('B2');
    const second = await get(world, `?limit=3&cursor=${first.json().next}`);
    expect(ids(second)).toEqual(['B2', 'a', 'a-1']);
    const third = await get(world, `?limit=3&cursor=${second.json().next}`);
    expect(ids(third)).toEqual(['b', 'c', 'd']);
    expect(third.json().next).toBeNull();
  });

  it('is filtered by selector and by phase, and knows when there is no more', async () => {
    const world = await createRegistryWorld();
    for (const id of names) await world.enrol(id, { fleet: id < 'a' ? 'old' : 'new' });
    await world.report('b', { phase: 'failed', reason: 'no space' });
    expect(ids(await get(world, '?selector=fleet%3Dold'))).toEqual(['10', '9', 'B']);
    expect(ids(await get(world, '?phase=failed'))).toEqual(['b']);
    expect(ids(await get(world, '?phase=failed&selector=fleet%3Dold'))).toEqual([]);
    const exact = await get(world, '?selector=fleet%3Dold&limit=3');
    expect([ids(exact).length, exact.json().next]).toEqual([3, null]);
  });

  it.each(['?selector=a%3D%3Db', '?phase=dancing', '?limit=0', '?limit=x', '?color=red'])(
    'refuses %s',
    async (query) => {
      const world = await createRegistryWorld();
      expect((await get(world, query)).statusCode).toBe(400);
    },
  );
});

describe('the removal of a device', () => {
  it('revokes, disconnects, and leaves nothing', async () => {
    const world = await createRegistryWorld();
    const { authorization, secret } = await world.enrol('a');
    await world.report('a', { seq: 1 });
    world.hooks.connected({ kind: 'device', device: 'a' }, 'a');
    const request = { method: 'DELETE', url: '/v1/devices/a' } as const;
    expect((await world.app.inject({ ...request, headers: { authorization } })).statusCode).toBe(
      403,
    );
    world.bus.disconnected.length = 0;
    const answer = await world.app.inject({ ...request, headers: world.operator });
    expect(answer.statusCode).toBe(204);
    expect(world.registry.get('a')).toBeUndefined();
    expect(world.registry.isSecret('a', secret)).toBe(false);
    expect(
      (await world.app.inject({ url: '/v1/devices/a', headers: { authorization } })).statusCode,
    ).toBe(401);
    expect(world.bus.disconnected).toEqual(['a']);
    await world.planner.settled();
    for (const key of [keys.device, keys.reported, keys.seen]) {
      expect(await world.store.get(key('a'))).toBeUndefined();
    }
    for (const channel of ['desired', 'reported', 'presence']) {
      const topic = `jamesd/v1/devices/a/${channel}`;
      expect(
        world.bus.messages.findLast((message) => message.topic === topic)?.payload,
      ).toHaveLength(0);
      expect(await world.retained.load(topic)).toBeUndefined();
    }
    expect(world.events.at(-1)).toMatchObject({ kind: 'device-removed', subject: 'a' });
    expect((await world.app.inject({ ...request, headers: world.operator })).statusCode).toBe(404);
  });

  it('lets no report that was under way bring it back', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const reports = [1, 2, 3].map((seq) => world.report('a', { seq }).catch(() => {}));
    const removal = world.registry.remove('a', 'server');
    reports.push(world.report('a', { seq: 4 }).catch(() => {}));
    await Promise.all([...reports, removal]);
    expect(await world.store.get(keys.reported('a'))).toBeUndefined();
    const other = await createRegistryWorld(world);
    expect(other.registry.size()).toBe(0);
  });
});
