import { parseArgs } from 'node:util';
import { faultActions } from '../../agent/faults/fault-plan.ts';
import { createFaultWalk, type FaultWalk } from '../support/fault-walk.ts';
import { seededRandom } from '../support/seeded-random.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    walkers: { type: 'string', default: '2' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const minutes = Number(values.minutes);
const walkers = Number(values.walkers);
if (![seed, minutes, walkers].every((value) => Number.isFinite(value) && value >= 0)) {
  process.stderr.write('soak: --seed, --minutes and --walkers are numbers.\n');
  process.exit(2);
}
/** Kills are what the soak is for: of ten faults seven kill. */
const ACTIONS = [...Array.from({ length: 6 }, () => 'kill' as const), ...faultActions];
const MOST_VIOLATIONS = 10;

interface Tally {
  steps: number;
  kills: number;
  /** Names of points that an agent passes, and of those at which something went wrong. */
  passed: Set<string>;
  hit: Set<string>;
  violations: string[];
}

const tally: Tally = { steps: 0, kills: 0, passed: new Set(), hit: new Set(), violations: [] };
const until = Date.now() + minutes * 60_000;
const nameOf = (place: string): string => place.replace(/#.*/, '');

/** Goes to and fro until the time is over; after a violation with a new device. */
async function soak(number: number): Promise<void> {
  const random = seededRandom(seed * 1000 + number);
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] as Item;
  let walk: FaultWalk | null = null;
  while (Date.now() < until && tally.violations.length < MOST_VIOLATIONS) {
    walk ??= await createFaultWalk(`walker-${number}`);
    for (const place of walk.passed.flat()) tally.passed.add(nameOf(place));
    const fault = `${pick(walk.passed[walk.direction()])}:${pick(ACTIONS)}`;
    tally.steps += 1;
    try {
      const { hit, killed } = await walk.step(fault);
      if (hit) tally.hit.add(nameOf(fault.split(':')[0] ?? ''));
      if (killed) tally.kills += 1;
    } catch (error) {
      tally.violations.push(error instanceof Error ? error.message : String(error));
      process.stderr.write(`violation: ${tally.violations.at(-1)}\n`);
      await walk.stop();
      walk = null;
    }
  }
  await walk?.stop();
}

const everyMinute = setInterval(() => {
  process.stderr.write(
    `soak: seed ${seed}, ${tally.steps} steps, ${tally.kills} kills, violations: ${tally.violations.length}\n`,
  );
}, 60_000);
await Promise.all(Array.from({ length: walkers }, (_, number) => soak(number)));
clearInterval(everyMinute);
const { steps, kills, passed, hit, violations } = tally;
process.stdout.write(
  `seed: ${seed}\nsteps: ${steps}\nkills: ${kills}\npoints hit: ${hit.size} of ${passed.size}\nviolations: ${violations.length}\n`,
);
for (const violation of violations) process.stdout.write(`  ${violation}\n`);
process.exitCode = violations.length === 0 ? 0 : 1;
