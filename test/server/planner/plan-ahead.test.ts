import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { createPackageSupply } from '../../../server/planner/package-supply.ts';
import { FEWEST_AHEAD } from '../../../server/planner/plan-ahead.ts';
import { createSolverPool, type SolverPool } from '../../../server/resolver/solving/solver-pool.ts';
import { kindsByType } from '../../../server/sources/kinds.ts';
import { createSystemClock } from '../../../server/system/clock.ts';
import { deb } from '../../support/memory-catalogue.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const debian = {
  ...{ id: 'debian', type: 'apt', url: 'https://deb.example.org/debian', suite: 'stable' },
  ...{ archs: ['amd64'], target: {}, essential: false },
};
const FEATURES = 7;
/** As many sets of features as can be. */
const MANY = 2 ** FEATURES - 1;

const records = (version: string) =>
  Array.from({ length: FEATURES }, (_, index) => [
    deb(`app-${index}`, version, { depends: `lib-${index}, lib-${(index + 3) % FEATURES}` }),
    deb(`lib-${index}`, '1', index === 6 ? { conflicts: 'app-2' } : {}),
  ]).flat();

let pool: SolverPool | undefined;
afterEach(() => pool?.stop());

/** Solvers that count what they are asked. `real`: there are threads; otherwise every answer has to be found here. */
function countingSolvers(real: boolean) {
  if (real) pool = createSolverPool({ threads: 2, clock: createSystemClock(), log: silentLog });
  const keys: string[] = [];
  const solve: SolverPool['solve'] = async (view, request) => {
    keys.push(JSON.stringify(request.wants));
    return real && pool ? pool.solve(view, request) : null;
  };
  return { keys, solvers: { width: 48, solve, forget: (view: never) => pool?.forget(view) } };
}

/** A world of devices with distinct wants, that many; resolved elsewhere if there are solvers. */
async function worldOf(
  devices: number,
  solvers?: ReturnType<typeof countingSolvers>['solvers'],
): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  const supply = createPackageSupply({
    ...{ documents: world.sources, catalogue: world.catalogue, kinds: kindsByType() },
    ...{ resolver: true, metadata: true, renderFile: () => null },
    ...(solvers && { solvers }),
  });
  await world.restart({ supply });
  world.catalogue.offer('debian', records('1'));
  await world.putSources(debian);
  for (let number = 1; number <= devices; number += 1) {
    const features = Array.from({ length: FEATURES }, (_, bit) => bit).filter(
      (bit) => (number >> bit) & 1,
    );
    const labels = Object.fromEntries(features.map((bit) => [`f${bit}`, 'yes']));
    world.devices.report(`d${number}`, { ...labels, os: 'debian', arch: 'amd64', packages: 'apt' });
  }
  const specs = Array.from({ length: FEATURES }, (_, bit) => ({
    ...{ id: `s${bit}`, target: { [`f${bit}`]: { exists: true } }, packages: [`app-${bit}`] },
  }));
  await world.put(...specs);
  world.catalogue.offer('debian', records('2'));
  await world.planner.settled();
  return world;
}

function statesOf(world: PlannerWorld, devices: number) {
  return Array.from({ length: devices }, (_, index) => {
    const state = world.planner.desiredOf(`d${index + 1}`);
    return [state?.digest, state?.problems];
  });
}

describe('plans of many labelsets', () => {
  it('are the same whether other threads find the answers or not', async () => {
    const { keys, solvers } = countingSolvers(true);
    const [here, there] = [await worldOf(MANY), await worldOf(MANY, solvers)];
    expect(statesOf(there, MANY)).toEqual(statesOf(here, MANY));
    expect(await there.lock('d77')).toEqual(await here.lock('d77'));
    // Before and after the refresh, each question once.
    expect(keys).toHaveLength(2 * MANY);
  });

  it('are the same if no thread can find them', async () => {
    const { keys, solvers } = countingSolvers(false);
    const [here, there] = [await worldOf(MANY), await worldOf(MANY, solvers)];
    expect(statesOf(there, MANY)).toEqual(statesOf(here, MANY));
    expect(keys.length).toBeGreaterThanOrEqual(2 * MANY);
  });

  it('of few labelsets ask no other thread', async () => {
    const { keys, solvers } = countingSolvers(false);
    const few = FEWEST_AHEAD - 1;
    const [here, there] = [await worldOf(few), await worldOf(few, solvers)];
    expect(statesOf(there, few)).toEqual(statesOf(here, few));
    expect(keys).toEqual([]);
  });
});
