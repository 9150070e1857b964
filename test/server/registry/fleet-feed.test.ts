import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Phase, phases } from '../../../proto/reported.ts';
import { changesMessage } from '../../../server/registry/change-rows.ts';
import { FleetCounts, type Share } from '../../../server/registry/fleet-counts.ts';
import { makePacket } from '../../support/make.ts';
import { createRegistryWorld, type RegistryWorld } from '../../support/registry-world.ts';

const SUMMARY = 'jamesd/v1/fleet/summary';
const CHANGES = 'jamesd/v1/fleet/changes';
const statusTopic = (spec: string) => `jamesd/v1/specs/${spec}/status`;
const logger = makePacket({ name: 'logger', labels: { version: '1.0.0' } });

async function converge(world: RegistryWorld, id: string, seq: number): Promise<void> {
  const point = world.planner.desiredOf(id);
  const installed = { revision: point?.revision ?? 0, digest: point?.digest ?? '' };
  const packets = [{ name: 'logger', id: logger.id, status: 'installed' as const, error: null }];
  await world.report(id, { seq, epoch: 'epoch-1', seen: installed, installed, packets });
}

async function worldWithFleet(): Promise<RegistryWorld> {
  const world = await createRegistryWorld();
  world.packets.add(logger);
  await world.put({
    id: 'logs',
    target: { fleet: 'alpha' },
    apps: [{ name: 'logger', labels: logger.labels }],
  });
  for (const id of ['a', 'b', 'c']) {
    await world.enrol(id, {}, { fleet: id === 'c' ? 'beta' : 'alpha' });
  }
  return world;
}

describe('the summary of the fleet', () => {
  it('counts devices by phase, spec and packet', async () => {
    const world = await worldWithFleet();
    await converge(world, 'a', 1);
    await world.report('b', { seq: 1, phase: 'failed', reason: 'no space' });
    world.hooks.connected({ kind: 'device', device: 'a' }, 'a');
    await world.feed.settled();
    expect(world.bus.last(SUMMARY)).toMatchObject({
      devices: 3,
      online: 1,
      converged: 1,
      problems: 0,
      phases: { idle: 1, failed: 1, waiting: 1 },
      specs: [{ id: 'logs', devices: 2, converged: 1 }],
      packets: [{ id: logger.id, name: 'logger', version: '1.0.0', devices: 1 }],
    });
    expect(world.bus.last(statusTopic('logs'))).toMatchObject({
      spec: 'logs',
      revision: 1,
      devices: 2,
      converged: 1,
      failed: 1,
    });
  });

  it('follows specs: another revision, another target, and their end', async () => {
    const world = await worldWithFleet();
    await world.put({ id: 'logs', target: {}, apps: [{ name: 'logger', labels: logger.labels }] });
    await world.feed.settled();
    expect(world.bus.last(statusTopic('logs'))).toMatchObject({ revision: 2, devices: 3 });
    await world.specs.commit(new Map([['logs', null]]), { author: 'test', message: null });
    await world.planner.settled();
    await world.feed.settled();
    expect(world.bus.last(statusTopic('logs'))).toBeNull();
    expect(world.bus.last(SUMMARY)).toMatchObject({ specs: [] });
  });

  it('is sent at most once a second, and not if nothing changed', async () => {
    const world = await worldWithFleet();
    await world.feed.settled();
    await world.clock.advance(2_000);
    world.bus.clear();
    for (let seq = 1; seq <= 40; seq += 1) {
      await world.report('a', { seq, phase: seq % 2 ? 'applying' : 'checking' });
      await world.clock.advance(100);
    }
    const sent = world.bus.messages.filter(({ topic }) => topic === SUMMARY).length;
    expect(sent).toBeGreaterThanOrEqual(3);
    expect(sent).toBeLessThanOrEqual(5);
    const rows = world.bus.messages.filter(({ topic }) => topic === CHANGES).length;
    expect(rows).toBeLessThanOrEqual(16);
    await world.clock.advance(5_000);
    world.bus.clear();
    await world.clock.advance(60_000);
    expect(world.bus.messages).toEqual([]);
  });

  it('is right after a restart', async () => {
    const world = await worldWithFleet();
    await converge(world, 'a', 1);
    const other = await createRegistryWorld(world);
    await other.planner.settled();
    await other.feed.settled();
    expect(other.bus.last(SUMMARY)).toMatchObject({ devices: 3, online: 0, converged: 1 });
  });
});

describe('rows that changed', () => {
  it('come in one message, and those of removed devices as ids', async () => {
    const world = await worldWithFleet();
    await world.feed.settled();
    world.bus.clear();
    await converge(world, 'a', 1);
    await world.registry.remove('b', 'server');
    await world.feed.settled();
    expect(world.bus.last(CHANGES)).toMatchObject({
      schema: 'jamesd.changes/1',
      devices: [
        {
          id: 'a',
          converged: true,
          phase: 'idle',
          revision: 1,
          packets: [{ name: 'logger', version: '1.0.0', status: 'installed' }],
        },
      ],
      removed: ['b'],
      truncated: false,
    });
  });

  it('are bounded in number and bytes, and say so', () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => `d${at}`);
    const row = (text: string) => (id: string) => ({
      id,
      labels: { text },
      online: true,
      transport: null,
      phase: 'idle' as Phase,
      reason: null,
      converged: true,
      revision: 1,
      problems: 0,
      packets: [],
    });
    const many = changesMessage('now', ids, row(''));
    expect(JSON.parse(Buffer.from(many).toString())).toMatchObject({ truncated: true });
    expect(JSON.parse(Buffer.from(many).toString()).devices).toHaveLength(500);
    expect(changesMessage('now', ids, row('x'.repeat(10_000))).length).toBeLessThan(300_000);
    const few = changesMessage('now', ids.slice(0, 3), row(''));
    expect(JSON.parse(Buffer.from(few).toString()).truncated).toBe(false);
  });
});

describe('events of devices', () => {
  it('are written on transitions only', async () => {
    const world = await worldWithFleet();
    const kinds = () =>
      world.events.filter(({ subject }) => subject === 'a').map(({ kind }) => kind);
    await converge(world, 'a', 1);
    await converge(world, 'a', 2);
    await world.report('a', { seq: 3, phase: 'failed' });
    await world.report('a', { seq: 4, phase: 'failed' });
    await world.report('a', { seq: 5, phase: 'conflict' });
    await world.report('a', { seq: 6, phase: 'conflict' });
    await converge(world, 'a', 7);
    expect(kinds()).toEqual([
      'device-enrolled',
      'device-converged',
      'device-failed',
      'device-conflict',
      'device-converged',
    ]);
    const other = await createRegistryWorld(world);
    await other.planner.settled();
    await converge(other, 'a', 8);
    expect(other.events.filter(({ kind }) => kind === 'device-converged')).toEqual([]);
  });
});

it('that a device was changed by somebody is an event, once for as long as it stays so', async () => {
  const world = await worldWithFleet();
  const report = async (seq: number, status: 'installed' | 'modified' | 'missing', more = '') => {
    const error = status === 'installed' ? null : `/opt/logger was changed${more}.`;
    const packets = [{ name: 'logger', id: logger.id, status, error }];
    await world.report('a', { seq, epoch: 'epoch-1', packets });
  };
  await report(1, 'installed');
  await report(2, 'modified');
  await report(3, 'missing', ' and more');
  await report(4, 'installed');
  await report(5, 'missing');
  const drifted = world.events.filter(({ kind }) => kind === 'device-drifted');
  expect(drifted).toMatchObject([
    { subject: 'a', actor: 'device:a', detail: 'logger modified' },
    { subject: 'a', actor: 'device:a', detail: 'logger missing' },
  ]);
});

const share: fc.Arbitrary<Share> = fc.record({
  phase: fc.constantFrom(...phases),
  online: fc.boolean(),
  converged: fc.boolean(),
  problems: fc.boolean(),
  specs: fc.subarray(['s1', 's2', 's3']),
  packets: fc.subarray([
    { name: 'p', id: 'p1', status: 'installed' as const, error: null },
    { name: 'p', id: 'p2', status: 'failed' as const, error: null },
    { name: 'q', id: null, status: 'missing' as const, error: null },
    { name: 'r', id: 'r1', status: 'manual' as const, error: null },
  ]),
});

describe('counting', () => {
  it('by changes gives what counting all at once gives', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(share, { nil: undefined })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (changes) => {
        const followed = new FleetCounts();
        for (const [id, next] of changes) followed.set(id, next);
        const atOnce = new FleetCounts();
        for (const [id, next] of new Map(changes)) atOnce.set(id, next);
        expect(followed.summary('', () => null)).toEqual(atOnce.summary('', () => null));
        for (const spec of ['s1', 's2', 's3']) {
          expect(followed.spec(spec)).toEqual(atOnce.spec(spec));
        }
      }),
    );
  });
});
