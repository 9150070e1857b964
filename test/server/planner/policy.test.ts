import { describe, expect, it } from 'vitest';
import { compiledCheck } from '../../../proto/check.ts';
import { Desired } from '../../../proto/desired.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import { makePacket } from '../../support/make.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const tool = makePacket({ name: 'tool' });
const image = makePacket({ name: 'image', driver: 'ab-image' });
const apps = { id: 'apps', target: { fleet: 'alpha' }, apps: [{ name: 'tool' }] };
const night = { apply: [{ at: '02:00', duration: '3h' }] };

async function alphaWorld(): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  for (const packet of [tool, image]) world.packets.add(packet);
  for (const id of ['one', 'two']) world.devices.report(id, { fleet: 'alpha' });
  await world.planner.settled();
  await world.put(apps);
  return world;
}

const changes = (...specs: { id: string; target: Record<string, string> }[]) => ({
  Spec: new Map(specs.map((one) => [one.id, one])),
  Source: new Map(),
});

describe('the policy in documents', () => {
  it('reaches devices that get packets only, with the features that it needs', async () => {
    const world = await alphaWorld();
    expect(await world.document('one')).toMatchObject({ policy: {}, requires: [], revision: 2 });
    await world.put({ ...apps, windows: night, health: { checks: [{ server: 'reachable' }] } });
    const signed = await world.document('one');
    expect(signed.policy).toEqual({
      windows: [night],
      health: { checks: [{ server: 'reachable' }] },
    });
    expect(signed).toMatchObject({ requires: ['health/1', 'windows/1'], revision: 3 });
    const published = world.bus.last(deviceTopic('one', 'desired'));
    expect(published).toMatchObject({ signed });
    expect(compiledCheck(Desired)(published)).toBe(true);
  });

  it('is all that changes where a spec says nothing else', async () => {
    const world = await alphaWorld();
    const before = await world.document('one');
    await world.put({ id: 'quiet', target: { fleet: 'alpha' }, drift: 'repair' });
    const after = await world.document('one');
    expect(after.packets).toEqual(before.packets);
    expect(after).toMatchObject({ policy: { drift: 'repair' }, requires: [], revision: 3 });
    expect(after.digest).not.toBe(before.digest);
    await world.put({ id: 'quiet', target: null });
    expect((await world.document('one')).digest).toBe(before.digest);
  });

  it('stays as it is over a restart', async () => {
    const world = await alphaWorld();
    await world.put({ ...apps, inhibit: { file: '/run/busy' } });
    const before = await world.document('one');
    world.bus.clear();
    await world.restart();
    expect(await world.document('one')).toEqual(before);
    expect(world.bus.messages).toEqual([]);
  });

  it('asks for the drivers of packets of other kinds', async () => {
    const world = await alphaWorld();
    await world.put({ ...apps, apps: [{ name: 'image' }, { name: 'tool' }] });
    const signed = await world.document('one');
    expect(signed.requires).toEqual(['driver/ab-image']);
    expect(signed.packets.map((line) => ('driver' in line ? line.driver : null))).toEqual([
      'ab-image',
      null,
    ]);
  });

  it('is a problem of the device where specs contradict each other, and keeps nothing from it', async () => {
    const world = await alphaWorld();
    await world.put({ ...apps, reboot: 'auto' }, { id: 'b', target: {}, reboot: 'never' });
    const signed = await world.document('one');
    expect(signed.policy).toEqual({ reboot: 'never' });
    expect(signed.packets).toMatchObject([{ name: 'tool', id: tool.id }]);
    expect(world.planner.desiredOf('one')?.problems).toMatchObject([
      { code: 'conflict', name: 'reboot' },
    ]);
  });
});

describe('a change of the policy', () => {
  it('counts its devices, and removes nothing', async () => {
    const world = await alphaWorld();
    const impact = await world.planner.impactOfDocuments(
      changes({ ...apps, windows: night, drift: 'repair' } as typeof apps),
    );
    expect(impact).toMatchObject({ devices: 2, otherPolicy: 2, installs: 0, removals: 0 });
    expect(impact.labelsets.map(({ policy }) => policy)).toEqual([
      [
        { field: 'windows', from: null, to: [night] },
        { field: 'drift', from: null, to: 'repair' },
      ],
    ]);
    const none = await world.planner.impactOfDocuments(
      changes({ ...apps, windows: {} } as typeof apps),
    );
    expect(none).toMatchObject({ devices: 0, labelsets: [] });
  });

  it('is shown with the specs that it comes from', async () => {
    const world = await alphaWorld();
    await world.put(
      { ...apps, windows: night },
      { id: 'b', target: {}, windows: night, downgrade: true },
    );
    const said = [
      { field: 'downgrade', value: true, specs: ['b'], priority: 0, conflict: false },
      { field: 'windows', value: [night], specs: ['apps', 'b'], priority: 0, conflict: false },
    ];
    expect(world.planner.explain('one')?.policy).toEqual(said);
    expect(world.planner.compute({ fleet: 'alpha' }).spec?.policy).toEqual(said);
    expect(world.planner.compute({ fleet: 'beta' }).spec?.policy).toHaveLength(2);
  });
});
