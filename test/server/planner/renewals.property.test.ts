import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Spec } from '../../../proto/spec.ts';
import { makePacket } from '../../support/make.ts';
import { deb } from '../../support/memory-catalogue.ts';
import { facts, packageSpecs, records } from '../../support/package-arbitraries.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

/** Ten devices, of which two may lose something unconfirmed. */
const devices = Array.from({ length: 10 }, (_, index) => ({
  id: `d${index}`,
  labels: { ...facts, site: index < 2 ? 'a' : 'b' },
}));
const MAY_LOSE = 2;

/** What a device has after a document: it leaves what is kept, and then also what that may need. */
async function following(world: PlannerWorld, id: string, had: ReadonlySet<string>) {
  const { lock, packets } = await world.document(id);
  const names = packets.map(({ name }) => `packet ${name}`);
  if (!lock) return new Set(names);
  const { packages, keep } = await world.lock(id);
  const all = [...names, ...[...packages, ...keep].map(({ name }) => name)];
  return new Set(keep.length > 0 ? [...had, ...all] : all);
}

type Fleet = Map<string, Set<string>>;

/** Follows the documents of all devices, and counts those that lose something or everything. */
async function follow(world: PlannerWorld, fleet: Fleet): Promise<{ lose: number; bare: number }> {
  let [lose, bare] = [0, 0];
  for (const { id } of devices) {
    const had = fleet.get(id) ?? new Set();
    const has = await following(world, id, had);
    if ([...had].some((name) => !has.has(name))) lose += 1;
    if (had.size > 0 && has.size === 0) bare += 1;
    fleet.set(id, has);
  }
  return { lose, bare };
}

async function worldWith(): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  await world.putSources({
    ...{ id: 'debian', type: 'apt', url: 'https://deb.example.org/', archs: ['amd64'] },
    ...{ target: {}, essential: false },
  });
  for (const { id, labels } of devices) world.devices.report(id, labels);
  await world.planner.settled();
  return world;
}

/** The locks of specs are written in the background; a server that ends before has less to go by when it comes back. */
async function writeLocks({ planner, specs }: PlannerWorld): Promise<void> {
  for (const { id } of specs.all()) await planner.updates.lock(id);
}

const names = ['p', 'q', 'r', 's', 't'];

/** Packages that mostly can be had, and need others of which there may be fewer next time. */
const chains = fc
  .tuple(fc.constantFrom('1', '2', '3'), fc.option(fc.constantFrom(...names), { freq: 6 }))
  .chain(([version, gone]) =>
    fc
      .tuple(...names.map((_, index) => fc.option(fc.constantFrom(...names.slice(index + 1), ''))))
      .map((needs) =>
        names.flatMap((name, index) =>
          name === gone ? [] : [deb(name, version, dependsOn(needs[index] ?? ''))],
        ),
      ),
  );
const dependsOn = (need: string) => (need === '' ? {} : { depends: need });

const wanting: fc.Arbitrary<Spec[]> = fc
  .uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1, maxLength: 2 })
  .map((all) => all.map((name) => ({ id: `wants-${name}`, target: {}, packages: [name] })));
const specs = fc.oneof({ weight: 2, arbitrary: wanting }, packageSpecs);

const step = fc.record({
  offers: fc.oneof({ weight: 3, arbitrary: chains }, records),
  how: fc.constantFrom('refresh', 'refresh', 'restart', 'while down'),
});

describe('whatever is offered, unconfirmed', () => {
  it('no refresh takes packages from more devices than the guard allows, nor all from one', async () => {
    let held = 0;
    await fc.assert(
      fc.asyncProperty(
        specs,
        fc.array(step, { minLength: 2, maxLength: 5 }),
        async (wanted, steps) => {
          const world = await worldWith();
          await world.put(...wanted);
          const fleet: Fleet = new Map();
          for (const { offers, how } of steps) {
            await writeLocks(world);
            if (how === 'while down') world.catalogue.prepare('debian', offers);
            else world.catalogue.offer('debian', offers);
            await world.planner.settled();
            if (how !== 'refresh') await world.restart();
            const { lose, bare } = await follow(world, fleet);
            expect(lose).toBeLessThanOrEqual(MAY_LOSE);
            expect(bare).toBe(0);
            held += world.planner.holds().length;
          }
          await promoteAll(world);
          expect(world.planner.holds()).toEqual([]);
          await world.planner.stop();
        },
      ),
      { numRuns: 60 },
    );
    expect(held).toBeGreaterThan(0);
  });

  it('no upload does with packets; a spec that loses nothing goes on', async () => {
    let held = 0;
    const needs = fc.subarray(['hub', 'log']);
    const upload = fc.record({ name: fc.constantFrom('one', 'two'), needs });
    const uploads = fc.array(upload, { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(uploads, async (all) => {
        const world = await worldWith();
        for (const [seq, name] of ['hub', 'log'].entries())
          world.packets.add(makePacket({ name, seq: seq + 1 }));
        await world.put(...['one', 'two'].map(appSpec));
        const fleet: Fleet = new Map();
        for (const [index, { name, needs: depends }] of all.entries()) {
          const labels = { version: `1.${index}` };
          const lines = depends.map((one) => ({ name: one }));
          world.packets.add(makePacket({ name, labels, seq: index + 10, depends: lines }));
          await world.planner.settled();
          const { lose, bare } = await follow(world, fleet);
          expect(lose).toBeLessThanOrEqual(MAY_LOSE);
          expect(bare).toBe(0);
          const holds = world.planner.holds().map(({ spec }) => spec);
          held += holds.length;
          if (!holds.includes(name)) expect(await newest(world, name)).toBe(labels.version);
        }
        await world.planner.stop();
      }),
      { numRuns: 30 },
    );
    expect(held).toBeGreaterThan(0);
  });
});

const appSpec = (name: string): Spec => ({ id: name, target: {}, apps: [{ name, version: '*' }] });

async function newest(world: PlannerWorld, name: string): Promise<string | undefined> {
  const { packets } = await world.document('d9');
  const line = packets.find((one) => one.name === name);
  return line && 'labels' in line ? line.labels.version : undefined;
}

/** A person takes every update that is held. */
async function promoteAll(world: PlannerWorld): Promise<void> {
  for (const { spec } of world.planner.holds()) {
    if (!world.planner.holds().some((one) => one.spec === spec)) continue;
    const { impact } = await world.planner.updates.updates(spec);
    const by = { author: 'ann', confirmRemovals: impact.removals };
    await world.planner.updates.promote(spec, by);
    await world.planner.settled();
  }
}
