import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../proto/canonical-json.ts';
import { compiledCheck } from '../../../proto/check.ts';
import { Desired, DesiredRef, desiredDigest } from '../../../proto/desired.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import { makePacket } from '../../support/make.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const apps = { id: 'apps', target: { fleet: 'alpha' }, apps: [{ name: 'tool' }] };
const HOUR_MS = 3_600_000;

async function plannedWorld(): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  world.packets.add(makePacket({ name: 'tool' }));
  for (const id of ['one', 'two']) world.devices.report(id, { fleet: 'alpha' });
  await world.put(apps);
  await world.clock.advance(HOUR_MS);
  world.bus.clear();
  return world;
}

describe('a device that is to try again', () => {
  it('gets the same state as a new revision, at once and durably', async () => {
    const world = await plannedWorld();
    const before = await world.document('one');
    const etag = world.planner.desiredOf('one')?.etag ?? '';
    const waited = world.planner.waitForChange('one', etag, HOUR_MS, new AbortController().signal);
    expect(await world.planner.retry('one')).toBe(true);
    expect(await waited).toBe(true);
    const after = await world.document('one');
    expect(after).toMatchObject({ revision: before.revision + 1, digest: before.digest });
    expect(after.packets).toEqual(before.packets);
    expect(after).not.toHaveProperty('check');
    await world.planner.settled();
    expect(world.bus.last(deviceTopic('one', 'desired'))).toMatchObject({ signed: after });
    expect(world.bus.messages).toHaveLength(1);
    await world.restart();
    expect(await world.document('one')).toEqual(after);
  });

  it('goes on from there when its state changes', async () => {
    const world = await plannedWorld();
    await world.planner.retry('one');
    await world.put({ ...apps, apps: [] });
    expect((await world.document('one')).revision).toBe(3);
    expect((await world.document('two')).revision).toBe(2);
  });

  it('must be known', async () => {
    const world = await plannedWorld();
    expect(await world.planner.retry('nobody')).toBe(false);
    expect(await world.planner.refresh('nobody')).toBe(false);
  });

  it('is asked once by many at a time, and all of them are told', async () => {
    const world = await plannedWorld();
    const before = await world.document('one');
    const asked = Array.from({ length: 20 }, () => world.planner.retry('one'));
    expect(await Promise.all(asked)).toEqual(asked.map(() => true));
    expect((await world.document('one')).revision).toBeLessThan(before.revision + 20);
  });
});

describe('a device that is to look again', () => {
  it('gets the same revision with the time of the wish', async () => {
    const world = await plannedWorld();
    const before = await world.document('one');
    expect(await world.planner.refresh('one')).toBe(true);
    const after = await world.document('one');
    const now = new Date(world.clock.now()).toISOString();
    expect(after).toMatchObject({ revision: before.revision, check: now, issuedAt: now });
    const { packets, lock, sources, policy, digest } = after;
    expect(digest).toBe(desiredDigest({ packets, lock, sources, policy }));
    await world.planner.settled();
    const message = world.bus.last(deviceTopic('one', 'desired'));
    expect(message).toMatchObject({ signed: after });
    expect(compiledCheck(Desired)(message)).toBe(true);
    const text = Buffer.from((await world.planner.document('one')) ?? []).toString();
    expect(text).toBe(canonicalJson(JSON.parse(text)));
  });

  it('keeps the wish over a restart, a renewal and another state', async () => {
    const world = await plannedWorld();
    await world.planner.refresh('one');
    const { check } = await world.document('one');
    await world.restart();
    await world.clock.advance(100 * HOUR_MS);
    expect(await world.document('one')).toMatchObject({ check, revision: 1 });
    await world.put({ ...apps, apps: [] });
    expect(await world.document('one')).toMatchObject({ check, revision: 2 });
    expect(await world.document('two')).not.toHaveProperty('check');
  });

  it('is told so also where the document is too long for a message', async () => {
    const world = await plannedWorld();
    const names = Array.from({ length: 60 }, (_, index) => `tool-${index}`);
    for (const name of names) world.packets.add(makePacket({ name }));
    await world.put({ ...apps, apps: names.map((name) => ({ name })) });
    await world.planner.refresh('one');
    await world.planner.settled();
    const message = world.bus.last(deviceTopic('one', 'desired'));
    expect(compiledCheck(DesiredRef)(message)).toBe(true);
    expect(message).toMatchObject({ check: (await world.document('one')).check });
  });
});
