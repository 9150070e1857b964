import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Labels } from '../../../proto/labels.ts';
import type { Source } from '../../../proto/source.ts';
import type { Spec } from '../../../proto/spec.ts';
import { planLabelset } from '../../../server/core/plan-labelset.ts';
import { createPackageSupply } from '../../../server/planner/package-supply.ts';
import type { PackageRecord } from '../../../server/resolver/core/universe.ts';
import { kindsByType } from '../../../server/sources/kinds.ts';
import { indexPackets } from '../../support/make.ts';
import { MemoryCatalogue } from '../../support/memory-catalogue.ts';
import { aptSources, facts, packageSpecs, records } from '../../support/package-arbitraries.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const runs = { numRuns: 150 };
const devices: readonly Labels[] = [
  { ...facts, site: 'a' },
  { ...facts, site: 'b' },
];

/** Plans without anything that was remembered. */
function planAnew(
  labels: Labels,
  specs: readonly Spec[],
  sources: readonly Source[],
  offers: readonly (readonly PackageRecord[])[],
) {
  const catalogue = new MemoryCatalogue();
  for (const [index, source] of sources.entries()) catalogue.offer(source.id, offers[index] ?? []);
  const supply = createPackageSupply({
    documents: {
      all: () => sources.map((source) => ({ ...source, revision: 1 })),
      onChange: () => () => {},
    },
    ...{ catalogue, kinds: kindsByType(), resolver: true, metadata: true },
    renderFile: () => null,
  });
  return planLabelset(
    labels,
    specs.map((spec) => ({ ...spec, revision: 1 })),
    { packets: indexPackets([]), packages: supply.world(), locks: { pinsOf: () => undefined } },
  ).packages;
}

const offersOf = fc.tuple(records, records);

describe('packages of a plan', () => {
  it('do not depend on the order of specs and sources', () => {
    fc.assert(
      fc.property(packageSpecs, aptSources, offersOf, (specs, sources, offers) => {
        for (const labels of devices) {
          const plan = planAnew(labels, specs, sources, offers);
          const turned = planAnew(
            labels,
            specs.toReversed(),
            sources.toReversed(),
            sources.map((_, index) => offers[index] ?? []).toReversed(),
          );
          expect(turned?.lock.digest).toBe(plan?.lock.digest);
          expect(turned?.problems).toEqual(plan?.problems);
        }
      }),
      runs,
    );
  });

  it('a wanted package is in the lock, or kept with a problem, never both and never neither', () => {
    fc.assert(
      fc.property(packageSpecs, aptSources, offersOf, (specs, sources, offers) => {
        for (const labels of devices) {
          const plan = planAnew(labels, specs, sources, offers);
          if (!plan) continue;
          const { packages, keep } = JSON.parse(plan.lock.text());
          const chosen = new Set(packages.map((one: { name: string }) => one.name));
          const kept = new Set(keep.map((one: { name: string }) => one.name));
          for (const { name } of plan.spec.wants)
            expect([name, chosen.has(name) !== kept.has(name)]).toEqual([name, true]);
        }
      }),
      runs,
    );
  });

  it('a package that nobody can serve changes nothing of the others', () => {
    fc.assert(
      fc.property(packageSpecs, aptSources, offersOf, (specs, sources, offers) => {
        const [labels = {}] = devices;
        const plan = planAnew(labels, specs, sources, offers);
        const more = [...specs, { id: 'zz', target: {}, packages: ['nobody-has-this'] }];
        const other = planAnew(labels, more, sources, offers);
        if (!plan || plan.view === null) return;
        expect(JSON.parse(other?.lock.text() ?? '{}').packages).toEqual(
          JSON.parse(plan.lock.text()).packages,
        );
      }),
      runs,
    );
  });
});

interface State {
  specs: Spec[];
  sources: Source[];
  offers: readonly (readonly PackageRecord[])[];
}

/** What happens to a fleet: other specs, sources, offers. */
const step = fc.oneof(
  packageSpecs.map((specs) => ({ specs })),
  aptSources.map((sources) => ({ sources })),
  offersOf.map((offers) => ({ offers })),
);

async function take(world: PlannerWorld, state: State, change: Partial<State>): Promise<void> {
  Object.assign(state, change);
  const { specs, sources, offers } = state;
  for (const [kind, all, put] of [
    ['specs', specs, world.put],
    ['sources', sources, world.putSources],
  ] as const) {
    if (!(kind in change)) continue;
    const gone = [...world[kind].all()].filter(({ id }) => !all.some((one) => one.id === id));
    await (put as (...some: object[]) => Promise<void>)(
      ...all,
      ...gone.map(({ id }) => ({ id, target: null })),
    );
  }
  if ('offers' in change || 'sources' in change)
    for (const [index, list] of offers.entries()) world.catalogue.offer(`source-${index}`, list);
  await world.planner.settled();
}

async function fleetWorld(): Promise<{ world: PlannerWorld; state: State }> {
  const world = await createPlannerWorld();
  for (const [index, labels] of devices.entries())
    world.devices.report(`d${index}`, { ...labels, hostname: `h${index}` });
  return { world, state: { specs: [], sources: [], offers: [[], []] } };
}

async function locks(world: PlannerWorld): Promise<(string | undefined)[]> {
  const documents = await Promise.all(devices.map((_, index) => world.document(`d${index}`)));
  return documents.map(({ lock }) => lock?.digest);
}

describe('a fleet', () => {
  it('has after any changes what a plan from scratch gives, and every lock that is named is there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const { world, state } = await fleetWorld();
        for (const change of steps) {
          await take(world, state, change);
          const { specs, sources, offers } = state;
          const scratch = devices.map((labels) => planAnew(labels, specs, sources, offers));
          const named = await locks(world);
          for (const [index, digest] of named.entries()) {
            if (world.planner.desiredOf(`d${index}`)?.held) continue;
            expect(digest).toBe(scratch[index]?.lock.digest);
            if (digest) expect(await world.planner.lock(digest)).toBe(scratch[index]?.lock.text());
          }
        }
        await world.planner.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('under manual keeps its locks whatever is offered, and has after a promotion what a fresh plan gives', async () => {
    await fc.assert(
      fc.asyncProperty(packageSpecs, offersOf, offersOf, async (some, first, second) => {
        const { world, state } = await fleetWorld();
        const specs = some.map((spec) => ({ ...spec, updates: 'manual' as const }));
        const sources: Source[] = [0, 1].map((index) => ({
          ...{ id: `source-${index}`, type: 'apt', archs: ['amd64'], target: {} },
          ...{ url: `https://deb.example.org/${index}`, essential: false },
        }));
        await take(world, state, { sources, offers: first });
        await take(world, state, { specs });
        const before = await versions(world);
        // What was offered is offered still, beside what is new.
        const known = new Set(first.flat().map(keyOf));
        const offers = second.map((list, index) => [
          ...(first[index] ?? []),
          ...list.filter((one) => !known.has(keyOf(one))),
        ]);
        const kept = world.planner.desiredOf('d0')?.problems.length === 0;
        await take(world, state, { offers });
        if (kept) expect(await versions(world)).toEqual(before);
        for (const { id } of specs)
          await world.planner.updates
            .promote(id, { author: 'ann', confirmRemovals: (await removals(world, id)) ?? 0 })
            .catch((error) => expect(error.code).toBe('nothing-to-promote'));
        await world.planner.settled();
        const scratch = devices.map((labels) => planAnew(labels, specs, sources, offers));
        if (specs.length <= 1)
          expect(await locks(world)).toEqual(scratch.map((plan) => plan?.lock.digest));
        await world.restart();
        if (specs.length <= 1)
          expect(await locks(world)).toEqual(scratch.map((plan) => plan?.lock.digest));
        await world.planner.stop();
      }),
      { numRuns: 60 },
    );
  });
});

describe('a return to an earlier lock', () => {
  it('gives devices exactly what they had then, and after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(packageSpecs, offersOf, offersOf, async (some, first, second) => {
        const { world, state } = await fleetWorld();
        const specs = some.slice(0, 1).map((spec) => ({ ...spec, updates: 'manual' as const }));
        const sources: Source[] = [0, 1].map((index) => ({
          ...{ id: `source-${index}`, type: 'apt', archs: ['amd64'], target: {} },
          ...{ url: `https://deb.example.org/${index}`, essential: false },
        }));
        await take(world, state, { sources, offers: first });
        await take(world, state, { specs });
        const before = await digests(world);
        const isServed = devices.every(
          (_, index) => world.planner.desiredOf(`d${index}`)?.problems.length === 0,
        );
        const known = new Set(first.flat().map(keyOf));
        const offers = second.map((list, index) => [
          ...(first[index] ?? []),
          ...list.filter((one) => !known.has(keyOf(one))),
        ]);
        await take(world, state, { offers });
        for (const { id } of specs) {
          const former = await world.planner.updates.lock(id);
          const by = async () => ({ author: 'ann', confirmRemovals: await removals(world, id) });
          const promoted = await world.planner.updates.promote(id, await by()).catch(() => null);
          await world.planner.settled();
          if (!promoted || !isServed) continue;
          const take = (confirmRemovals?: number) =>
            world.planner.updates.promote(id, {
              ...{ author: 'ann', lock: former.revision, confirmRemovals },
            });
          await take().catch(({ members }) => take(members.removals));
          await world.planner.settled();
          expect(await digests(world)).toEqual(before);
          expect((await world.planner.updates.lock(id)).digest).toBe(former.digest);
          await world.restart();
          expect(await digests(world)).toEqual(before);
          returns += 1;
        }
        await world.planner.stop();
      }),
      { numRuns: 60 },
    );
    expect(returns).toBeGreaterThan(0);
  });
  let returns = 0;
});

/** What the devices are to have, with its digest. */
async function digests(world: PlannerWorld): Promise<unknown[]> {
  return devices.map((_, index) => world.planner.desiredOf(`d${index}`)?.digest);
}

/** What the first device has. */
async function versions(world: PlannerWorld): Promise<string[]> {
  if ((await world.document('d0')).lock === null) return [];
  const { packages } = await world.lock('d0');
  return packages.map(({ name, version }) => `${name} ${version}`);
}

async function removals(world: PlannerWorld, id: string): Promise<number> {
  return (await world.planner.updates.updates(id)).impact.removals;
}

const keyOf = ({ name, version }: PackageRecord): string => `${name} ${version}`;
