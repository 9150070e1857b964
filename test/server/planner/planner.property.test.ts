import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desiredDigest } from '../../../proto/desired.ts';
import type { Labels } from '../../../proto/labels.ts';
import type { Packet } from '../../../proto/packet.ts';
import { planLabels } from '../../../server/core/plan.ts';
import { linesOf } from '../../../server/planner/core/body.ts';
import { deviceLabels, packets, specs } from '../../support/arbitraries.ts';
import {
  createPlannerWorld,
  createRestlessClock,
  type PlannerWorld,
} from '../../support/planner-world.ts';

const device = fc.constantFrom('d1', 'd2', 'd3', 'd4', 'd5');

type Step = (world: PlannerWorld) => unknown;

const report: fc.Arbitrary<Step> = fc.tuple(device, deviceLabels).map(
  ([id, labels]) =>
    (world) =>
      world.devices.report(id, labels),
);
const label: fc.Arbitrary<Step> = fc.tuple(device, deviceLabels).map(
  ([id, labels]) =>
    (world) =>
      world.devices.get(id) && world.devices.label(id, labels),
);
const remove: fc.Arbitrary<Step> = device.map((id) => (world) => world.devices.remove(id));
const upload: fc.Arbitrary<Step> = packets.map((all) => (world) => {
  for (const packet of all.slice(0, 3)) world.packets.add(packet);
});
const discard: fc.Arbitrary<Step> = fc.nat(20).map((index) => (world) => {
  const found = [...world.packets.all()].at(index);
  if (found) world.packets.delete(found);
});
const configure: fc.Arbitrary<Step> = fc
  .tuple(specs, fc.constantFrom('spec-0', 'spec-1', 'spec-2', 'none'))
  .map(([all, gone]) => (world) => {
    const changes = new Map(all.map(({ revision, ...spec }) => [spec.id, spec] as const));
    const deleted = world.specs.get(gone) && !changes.has(gone) ? [[gone, null] as const] : [];
    if (changes.size + deleted.length === 0) return undefined;
    return world.specs.commit(new Map([...changes, ...deleted]), { author: 't', message: null });
  });

/** Steps that come at once. */
const burst = fc.array(fc.oneof(report, report, label, remove, upload, discard, configure), {
  minLength: 1,
  maxLength: 4,
});

/** The digest of a plan from scratch, from all labels, all specs and all packets. */
function digestFor(world: PlannerWorld, labels: Labels): { digest: string; empty: boolean } {
  const plan = planLabels(labels, [...world.specs.all()], world.packets);
  const lines = linesOf(plan);
  const body = { packets: lines, lock: null, sources: [], policy: {} as Record<string, never> };
  return { digest: desiredDigest(body), empty: lines.length === 0 };
}

function points(world: PlannerWorld) {
  return new Map([...world.devices.all()].map(({ id }) => [id, world.planner.desiredOf(id)]));
}

/** Takes the steps, those that write nothing themselves at once, and turns of the event loop between some of them. */
async function take(world: PlannerWorld, steps: readonly Step[], turns = 0): Promise<void> {
  for (const step of steps) {
    const written = step(world);
    if (written instanceof Promise) await written;
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
  }
  await world.planner.settled();
}

describe('incremental planning', () => {
  it('gives what a plan from scratch gives; revisions grow by one with a digest and only then', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(burst, { minLength: 1, maxLength: 8 }), async (bursts) => {
        const world = await createPlannerWorld();
        for (const steps of bursts) {
          const before = points(world);
          world.bus.clear();
          await take(world, steps);
          for (const [id, point] of points(world)) {
            const entry = world.devices.get(id);
            const { digest, empty } = digestFor(world, entry?.labels ?? {});
            if (point?.held) expect(empty).toBe(true);
            else expect(point?.digest).toBe(digest);
            const former = before.get(id);
            if (!former || !point) continue;
            const grown = point.revision - former.revision;
            if (former.digest !== point.digest) expect(grown).toBeGreaterThanOrEqual(1);
            if (steps.length === 1) expect(grown).toBe(former.digest === point.digest ? 0 : 1);
          }
        }
        await world.planner.stop();
      }),
      { numRuns: 100 },
    );
  });

  it('says the same after a restart, and then writes and publishes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(burst, { minLength: 1, maxLength: 5 }), async (bursts) => {
        const world = await createPlannerWorld();
        for (const steps of bursts) {
          await take(world, steps);
        }
        const before = points(world);
        const sequence = world.store.sequence();
        world.bus.clear();
        await world.restart();
        expect(points(world)).toEqual(before);
        expect(world.bus.messages).toEqual([]);
        expect(world.store.sequence()).toBe(sequence);
        await world.planner.stop();
      }),
      { numRuns: 100 },
    );
  });
});

describe('planning that is interrupted everywhere', () => {
  it('ends where a plan from scratch ends', async () => {
    const scripts = fc.array(fc.tuple(burst, fc.nat(6)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(scripts, async (bursts) => {
        const world = await createPlannerWorld({}, createRestlessClock());
        for (const [steps, turns] of bursts) {
          await take(world, steps, turns);
          for (const [id, point] of points(world)) {
            const { digest, empty } = digestFor(world, world.devices.get(id)?.labels ?? {});
            if (point?.held) expect(empty).toBe(true);
            else expect(point?.digest).toBe(digest);
          }
        }
        await world.planner.stop();
      }),
      { numRuns: 100 },
    );
  });
});

describe('which specs choose a packet', () => {
  it('is the same from outcomes, from plans made meanwhile, and from scratch', async () => {
    await fc.assert(
      fc.asyncProperty(packets, specs, fc.array(deviceLabels), async (all, wanted, fleet) => {
        const world = await createPlannerWorld();
        for (const packet of all) world.packets.add(packet);
        for (const [index, labels] of fleet.entries()) world.devices.report(`d${index}`, labels);
        await world.planner.settled();
        const changes = new Map(wanted.map(({ revision, ...spec }) => [spec.id, spec]));
        await world.specs.commit(changes, { author: 't', message: null });
        const choosing = () => all.map(({ id }) => world.planner.specsChoosing(id));
        const meanwhile = choosing();
        await world.planner.settled();
        expect(choosing()).toEqual(meanwhile);
        expect(meanwhile).toEqual(all.map((packet) => choosingFromScratch(world, packet)));
        await world.planner.stop();
      }),
      { numRuns: 100 },
    );
  });
});

function choosingFromScratch(world: PlannerWorld, { id }: Packet): string[] {
  const found = new Set<string>();
  for (const { labels } of world.devices.all()) {
    const plan = planLabels(labels, [...world.specs.all()], world.packets);
    for (const { packet, reason } of plan.packets) if (packet.id === id) found.add(reason.spec);
  }
  return [...found].sort();
}
