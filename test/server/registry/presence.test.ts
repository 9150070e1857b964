import { describe, expect, it } from 'vitest';
import { keys } from '../../../server/store/keys.ts';
import {
  createRegistryWorld,
  makeReport,
  type RegistryWorld,
} from '../../support/registry-world.ts';

const topicOf = (id: string) => `jamesd/v1/devices/${id}/presence`;
const device = (id: string) => ({ kind: 'device', device: id }) as const;

/** What was published of a device's presence, in order. */
const published = (world: RegistryWorld, id: string) =>
  world.bus.messages
    .filter(({ topic }) => topic === topicOf(id))
    .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()).online);

describe('presence over MQTT', () => {
  it('follows the connection and is published, retained', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    world.hooks.connected(device('a'), 'a');
    const at = new Date(world.clock.now()).toISOString();
    expect(world.registry.get('a')).toMatchObject({ online: true, transport: 'mqtt', since: at });
    await world.clock.advance(1_000);
    world.hooks.disconnected(device('a'), 'a', false);
    expect(world.registry.get('a')).toMatchObject({ online: false, transport: null });
    await world.feed.settled();
    expect(published(world, 'a')).toEqual([true, false]);
    expect(world.bus.messages.find(({ topic }) => topic === topicOf('a'))).toMatchObject({
      qos: 1,
      retain: true,
    });
  });

  it.each(['new first', 'old first'])(
    'does not flap when a connection is taken over: %s',
    async (order) => {
      const world = await createRegistryWorld();
      await world.enrol('a');
      const seen: (boolean | undefined)[] = [];
      world.hooks.connected(device('a'), 'a');
      world.registry.presence.onPresence((id) => seen.push(world.registry.get(id)?.online));
      if (order === 'new first') world.hooks.connected(device('a'), 'a');
      world.hooks.disconnected(device('a'), 'a', true);
      if (order === 'old first') world.hooks.connected(device('a'), 'a');
      await world.clock.advance(60_000);
      expect(seen).toEqual([]);
      expect(world.registry.get('a')?.online).toBe(true);
      world.hooks.disconnected(device('a'), 'a', false);
      expect(world.registry.get('a')?.online).toBe(false);
    },
  );

  it('ends if the connection that took over never comes', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    world.hooks.connected(device('a'), 'a');
    world.hooks.disconnected(device('a'), 'a', true);
    expect(world.registry.get('a')?.online).toBe(true);
    await world.clock.advance(15_000);
    expect(world.registry.get('a')?.online).toBe(false);
  });

  it('publishes a storm of connects once for each device', async () => {
    const world = await createRegistryWorld();
    const ids = Array.from({ length: 20 }, (_, at) => `d${at}`);
    for (const id of ids) await world.enrol(id);
    for (let round = 0; round < 5; round += 1) {
      for (const id of ids) {
        world.hooks.connected(device(id), id);
        world.hooks.disconnected(device(id), id, false);
      }
    }
    await world.feed.settled();
    for (const id of ids) expect(published(world, id)).toEqual([false]);
  });
});

describe('presence over HTTP', () => {
  const report = (world: RegistryWorld, authorization: string, seq: number) =>
    world.app.inject({
      method: 'PUT',
      url: '/v1/devices/a/reported',
      headers: { authorization },
      payload: makeReport({ seq }),
    });

  it('lasts while the device polls, and ends some polls later', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    for (let poll = 1; poll < 6; poll += 1) {
      await report(world, authorization, poll);
      expect(world.registry.get('a')).toMatchObject({ online: true, transport: 'http' });
      await world.clock.advance(80_000);
    }
    expect(world.registry.get('a')?.online).toBe(true);
    await world.clock.advance(20_000);
    expect(world.registry.get('a')).toMatchObject({ online: false, transport: null });
  });

  it('is not shaken when the clock is set', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    await report(world, authorization, 1);
    world.clock.setNow(world.clock.now() + 86_400_000);
    await world.clock.advance(10_000);
    expect(world.registry.get('a')?.online).toBe(true);
    world.clock.setNow(world.clock.now() - 2 * 86_400_000);
    await world.clock.advance(90_000);
    expect(world.registry.get('a')?.online).toBe(false);
  });

  it('gives way to MQTT', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    await report(world, authorization, 1);
    world.hooks.connected(device('a'), 'a');
    expect(world.registry.get('a')?.transport).toBe('mqtt');
    world.hooks.disconnected(device('a'), 'a', false);
    expect(world.registry.get('a')?.transport).toBe('http');
  });
});

describe('the time of last contact', () => {
  it('is kept in memory at once and on disk about every quarter of an hour', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    world.hooks.connected(device('a'), 'a');
    const at = world.clock.now();
    expect(world.registry.get('a')?.lastSeenAt).toBe(new Date(at).toISOString());
    expect(await world.store.get(keys.seen('a'))).toBeUndefined();
    await world.clock.advance(19 * 60_000);
    expect((await world.store.get(keys.seen('a')))?.value).toBe(String(at));
  });

  it('is written at stop, and after a restart all are offline', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    world.hooks.connected(device('a'), 'a');
    const at = new Date(world.clock.now()).toISOString();
    await world.registry.stop();
    await world.clock.advance(5_000);
    const other = await createRegistryWorld(world);
    expect(other.registry.get('a')).toMatchObject({ online: false, since: null, lastSeenAt: at });
    const body = await other.retained.load(topicOf('a'));
    expect(JSON.parse(Buffer.from(body ?? []).toString())).toEqual({
      schema: 'jamesd.presence/1',
      online: false,
      since: at,
      transport: null,
    });
  });
});
