import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Impact } from '../../../proto/api.ts';
import type { Labels } from '../../../proto/labels.ts';
import type { Spec } from '../../../proto/spec.ts';
import { compareLines, sumImpact } from '../../../server/core/impact.ts';
import type { SpecEntry } from '../../../server/core/model.ts';
import { planLabels } from '../../../server/core/plan.ts';
import { linesOf, sameLines } from '../../../server/planner/core/body.ts';
import { deviceLabels, packets, specs } from '../../support/arbitraries.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const documentOf = ({ revision: _revision, ...spec }: SpecEntry): Spec => spec;

/** The sums of an impact, device by device from all labels and all specs. */
function fromScratch(world: PlannerWorld, changes: ReadonlyMap<string, Spec | null>) {
  const before = [...world.specs.all()];
  const after: SpecEntry[] = [
    ...before.filter(({ id }) => !changes.has(id)),
    ...[...changes.values()].flatMap((spec) => (spec ? [{ ...spec, revision: 1 }] : [])),
  ];
  const lines = (labels: Labels, all: readonly SpecEntry[]) =>
    linesOf(planLabels(labels, all, world.packets));
  const found = [...world.devices.all()].flatMap(({ labels }) => {
    const [old, next] = [lines(labels, before), lines(labels, after)];
    if (sameLines(old, next)) return [];
    return [{ labels: {}, devices: 1, change: compareLines(old, next), problems: [] }];
  });
  return sums(sumImpact(found));
}

function sums({ labelsets: _labelsets, ...counts }: Impact): Omit<Impact, 'labelsets'> {
  return counts;
}

it('what a change would do is the sum over all devices, whatever keys it mentions', async () => {
  const gone = fc.constantFrom('spec-0', 'spec-1', 'none');
  const script = fc.tuple(packets, specs, specs, gone, fc.array(deviceLabels, { maxLength: 8 }));
  await fc.assert(
    fc.asyncProperty(script, async ([all, first, second, deleted, fleet]) => {
      const world = await createPlannerWorld();
      for (const packet of all) world.packets.add(packet);
      for (const [index, labels] of fleet.entries()) world.devices.report(`d${index}`, labels);
      await world.put(...first.map(documentOf));
      const changes = new Map<string, Spec | null>([
        ...(world.specs.get(deleted) ? [[deleted, null] as const] : []),
        ...second.slice(0, 2).map((spec) => [spec.id, documentOf(spec)] as const),
      ]);
      const impact = await world.planner.impactOfDocuments({
        Spec: changes,
        Source: new Map(),
      });
      expect(sums(impact)).toEqual(fromScratch(world, changes));
      await world.planner.stop();
    }),
    { numRuns: 200 },
  );
});
