import { describe, expect, it } from 'vitest';
import { makePacket } from '../../support/make.ts';
import { createRegistryWorld, type RegistryWorld } from '../../support/registry-world.ts';

const patch = (world: RegistryWorld, id: string, labels: object, query = '') =>
  world.app.inject({
    method: 'PATCH',
    url: `/v1/devices/${id}${query}`,
    headers: world.operator,
    payload: { labels },
  });

async function worldWithLogger(devices: number): Promise<RegistryWorld> {
  const world = await createRegistryWorld();
  world.packets.add(makePacket({ name: 'logger' }));
  await world.put({ id: 'logs', target: { fleet: 'alpha' }, apps: [{ name: 'logger' }] });
  for (let at = 0; at < devices; at += 1) await world.enrol(`d${at}`, { fleet: 'alpha' });
  return world;
}

describe('operator labels', () => {
  it('win over all others, and the device cannot take that back', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a', { site: 'berlin', fleet: 'beta' });
    const answer = await patch(world, 'a', { fleet: 'alpha', region: 'eu' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().labels).toEqual({ site: 'berlin', fleet: 'alpha', region: 'eu' });
    const facts = { fleet: 'gamma', region: 'us' };
    await world.report('a', { labels: { facts, config: { fleet: 'delta', site: 'bonn' } } });
    expect(world.registry.get('a')?.labels).toEqual({
      site: 'bonn',
      fleet: 'alpha',
      region: 'eu',
    });
    const removed = await patch(world, 'a', { fleet: null });
    expect(removed.json().labels.fleet).toBe('delta');
    const kinds = world.events.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'device-labels')).toHaveLength(2);
  });

  it('plan the device again at once, and stand after a restart', async () => {
    const world = await worldWithLogger(0);
    await world.enrol('a');
    expect(world.planner.desiredOf('a')?.revision).toBe(1);
    await patch(world, 'a', { fleet: 'alpha' });
    await world.planner.settled();
    expect(world.planner.desiredOf('a')?.revision).toBe(2);
    const other = await createRegistryWorld(world);
    expect(other.registry.get('a')?.labels).toEqual({ fleet: 'alpha' });
  });

  it.each([
    [{ 'a b': '1' }, 'bad-labels'],
    [{ a: '\n' }, 'bad-labels'],
    [{ a: 'x'.repeat(300) }, 'bad-labels'],
    [{ a: 5 }, 'bad-request'],
  ])('refuse %j', async (labels, code) => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const answer = await patch(world, 'a', labels);
    expect([answer.statusCode, answer.json().code]).toEqual([400, code]);
    expect(world.registry.get('a')?.labels).toEqual({});
  });

  it('that leave a device with nothing must be confirmed with the number of removals', async () => {
    const world = await worldWithLogger(10);
    const refused = await patch(world, 'd3', { fleet: 'none' });
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({ code: 'removals-unconfirmed', removals: 1, devices: 1 });
    expect(world.registry.get('d3')?.labels.fleet).toBe('alpha');
    expect((await patch(world, 'd3', { fleet: 'none' }, '?confirmRemovals=2')).statusCode).toBe(
      409,
    );
    const confirmed = await patch(world, 'd3', { fleet: 'none' }, '?confirmRemovals=1');
    expect(confirmed.statusCode).toBe(200);
    await world.planner.settled();
    expect(world.planner.desiredOf('d3')?.revision).toBe(2);
  });

  it('are set by operators only', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const answer = await world.app.inject({
      method: 'PATCH',
      url: '/v1/devices/a',
      headers: { authorization },
      payload: { labels: { fleet: 'alpha' } },
    });
    expect(answer.statusCode).toBe(403);
    expect((await patch(world, 'nobody', { a: '1' })).statusCode).toBe(404);
  });
});

describe('a device that would lose everything by its own labels', () => {
  const approveRemoval = (world: RegistryWorld, id: string) =>
    world.app.inject({
      method: 'POST',
      url: `/v1/devices/${id}/approve-removal`,
      headers: world.operator,
    });

  it('keeps what it has and waits, until an operator approves', async () => {
    const world = await worldWithLogger(1);
    const before = world.planner.desiredOf('d0');
    await world.report('d0', {
      epoch: 'epoch-1',
      installed: { revision: 1, digest: before?.digest ?? '' },
      packets: [
        { name: 'logger', id: makePacket({ name: 'logger' }).id, status: 'installed', error: null },
      ],
      labels: { facts: {}, config: { fleet: 'none' } },
    });
    expect(world.planner.desiredOf('d0')).toMatchObject({ held: true, digest: before?.digest });
    const get = { url: '/v1/devices/d0', headers: world.operator };
    expect((await world.app.inject(get)).json()).toMatchObject({
      phase: 'waiting',
      reason: 'removal',
      converged: false,
    });
    const approved = await approveRemoval(world, 'd0');
    expect(approved.statusCode).toBe(200);
    await world.planner.settled();
    expect(world.planner.desiredOf('d0')).toMatchObject({ held: false, revision: 2 });
    expect(world.events.map(({ kind }) => kind)).toContain('removal-approved');
    expect((await approveRemoval(world, 'd0')).json().code).toBe('no-removal-pending');
    expect((await approveRemoval(world, 'nobody')).statusCode).toBe(404);
  });
});
