import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultActions } from '../../agent/faults/fault-plan.ts';
import { createFaultWalk, type FaultWalk } from '../support/fault-walk.ts';
import { seededRandom } from '../support/seeded-random.ts';

const isFull = process.env.JAMESD_FULL !== undefined;
const seed = Number(process.env.JAMESD_SEED ?? 1);
const SAMPLE = 8;

/** Each point the first time that the agent comes to it, and the last. */
function placesOf(passed: readonly string[]): string[] {
  const byName = new Map<string, string[]>();
  for (const place of passed) {
    const name = place.replace(/#.*/, '');
    byName.set(name, [...(byName.get(name) ?? []), place]);
  }
  return [...byName.values()].flatMap((all) => [...new Set([all[0] ?? '', all.at(-1) ?? ''])]);
}

describe(`an agent in which something goes wrong at any call of its ports (seed ${seed})`, () => {
  let walk: FaultWalk;
  beforeAll(async () => {
    walk = await createFaultWalk();
  }, 120_000);
  afterAll(() => walk?.stop());

  it(
    'is wholly old or wholly new, says so, and converges',
    async () => {
      const random = seededRandom(seed);
      const faults = walk.passed.map((passed) => {
        const all = placesOf(passed).flatMap((place) =>
          faultActions.map((action) => `${place}:${action}`),
        );
        if (isFull) return all;
        return Array.from({ length: SAMPLE }, () => all[Math.floor(random() * all.length)] ?? '');
      });
      expect(faults.flat().length).toBeGreaterThan(SAMPLE);
      const [there = [], back = []] = faults;
      let hits = 0;
      for (let n = 0; n < Math.max(there.length, back.length); n += 1) {
        for (const way of [there, back]) {
          const { hit } = await walk.step(way[n % way.length] ?? '');
          if (hit) hits += 1;
        }
      }
      expect(hits).toBeGreaterThan(SAMPLE);
    },
    isFull ? 7_200_000 : 180_000,
  );
});
