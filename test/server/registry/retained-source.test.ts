import { describe, expect, it } from 'vitest';
import { createReportReader } from '../../../server/registry/report-reader.ts';
import {
  createRegistryWorld,
  makeReport,
  type RegistryWorld,
} from '../../support/registry-world.ts';

const topic = (channel: string, id = 'a') => `jamesd/v1/devices/${id}/${channel}`;

async function load(world: RegistryWorld, name: string): Promise<unknown> {
  const bytes = await world.retained.load(name);
  return bytes && JSON.parse(Buffer.from(bytes).toString());
}

describe('retained messages of devices', () => {
  it('are desired, reported and presence, and nothing else', async () => {
    const world = await createRegistryWorld();
    const owned = ['desired', 'reported', 'presence', 'progress', 'log', 'other'].filter(
      (channel) => world.retained.owns(topic(channel)),
    );
    expect(owned).toEqual(['desired', 'reported', 'presence']);
    expect(world.retained.owns('jamesd/v1/fleet/summary')).toBe(false);
    expect(world.retained.owns('x')).toBe(false);
    expect(await load(world, topic('reported'))).toBeUndefined();
  });

  it('show the last report, also when it was read before, and after a restart', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    expect(await load(world, topic('reported'))).toBeUndefined();
    for (const seq of [1, 2, 3]) {
      await world.report('a', { seq });
      expect(await load(world, topic('reported'))).toEqual(makeReport({ seq }));
      expect(await load(world, topic('reported'))).toEqual(makeReport({ seq }));
    }
    const other = await createRegistryWorld(world);
    expect(await load(other, topic('reported'))).toEqual(makeReport({ seq: 3 }));
  });

  it('show nothing of the former holder of an id', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    await world.report('a', { seq: 5 });
    await load(world, topic('reported'));
    await world.registry.approve('a', 'token:op');
    await world.enrol('a');
    expect(await load(world, topic('reported'))).toBeUndefined();
  });
});

describe('the cache of reports', () => {
  it('holds no more bytes than it may', async () => {
    const world = await createRegistryWorld();
    const ids = ['a', 'b', 'c'];
    for (const id of ids) {
      await world.enrol(id);
      await world.report(id, { seq: 1 });
    }
    let reads = 0;
    const get = world.store.get.bind(world.store);
    const store = {
      ...world.store,
      get: (key: string) => {
        reads += 1;
        return get(key);
      },
    };
    const one = Buffer.from(JSON.stringify(makeReport())).length;
    const { reports } = world.registry;
    const roster = { get: () => undefined, onChange: () => () => {} };
    const reader = createReportReader({ store, reports, roster, cacheBytes: 2 * one });
    for (const id of ['a', 'b', 'a', 'b']) await reader.bytes(id);
    expect(reads).toBe(2);
    for (const id of ['c', 'b', 'a']) await reader.bytes(id);
    expect(reads).toBe(4);
  });
});
