import { describe, expect, it } from 'vitest';
import { createPackageSupply } from '../../../server/planner/package-supply.ts';
import { kindsByType } from '../../../server/sources/kinds.ts';
import { deb } from '../../support/memory-catalogue.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const debian = {
  ...{ id: 'debian', type: 'apt', url: 'https://deb.example.org/debian', suite: 'stable' },
  ...{ archs: ['amd64'], target: {}, essential: false },
};

/** What the world offers, and how often a resolution was asked for. */
function countingSupply({ catalogue, sources }: PlannerWorld) {
  const supply = createPackageSupply({
    ...{ documents: sources, catalogue, kinds: kindsByType(), resolver: true, metadata: true },
    renderFile: () => null,
  });
  let count = 0;
  const world: typeof supply.world = (some) => {
    const made = supply.world(some);
    return {
      ...made,
      resolve(view, request) {
        count += 1;
        return made.resolve(view, request);
      },
    };
  };
  return { supply: { ...supply, world }, asked: () => count };
}

describe('the work for locks of specs', () => {
  it('a lock is written from what the plan chose: nothing is resolved for it', async () => {
    const world = await createPlannerWorld();
    world.devices.report('d1', { os: 'debian', arch: 'amd64', packages: 'apt' });
    const { supply, asked } = countingSupply(world);
    await world.restart({ supply });
    await world.putSources(debian);
    await world.put(
      { id: 'tls', target: {}, packages: ['libssl3'], updates: 'auto' },
      { id: 'web', target: {}, packages: ['nginx'] },
    );
    world.catalogue.offer('debian', [
      deb('nginx', '1.24-1', { depends: 'libssl3' }),
      deb('libssl3', '3.1-1'),
    ]);
    await world.planner.settled();
    const before = asked();
    expect(before).toBeGreaterThan(0);
    const [tls, web] = [
      await world.planner.updates.lock('tls'),
      await world.planner.updates.lock('web'),
    ];
    expect(asked()).toBe(before);
    expect(tls.rows).toMatchObject([{ packages: [{ name: 'libssl3', version: '3.1-1' }] }]);
    expect(web.rows).toMatchObject([{ packages: [{ name: 'nginx', version: '1.24-1' }] }]);
    await world.planner.stop();
  });
});
