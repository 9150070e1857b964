import { createPlanningFleet, DEVICES, siteSpec } from './planning-fleet.ts';
import { median, type Row } from './row.ts';

const ROUNDS = 5;
const BAR_MS = 500;

/**
 * From a committed change of one spec, which gives a tenth of the devices other packets, to all their new points on
 * disk. Publishing begins meanwhile and is not waited for.
 */
export async function run(): Promise<Row[]> {
  const fleet = await createPlanningFleet();
  const planner = fleet.createPlanner();
  await planner.start();
  await planner.settled();
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    let left = DEVICES / 10;
    const durable = new Promise<void>((resolve) => {
      const end = planner.onChange((devices) => {
        left -= devices.length;
        if (left > 0) return;
        end();
        resolve();
      });
    });
    const spec = siteSpec(round % 10, round);
    const started = performance.now();
    await fleet.specs.commit(new Map([[spec.id, spec]]), { author: 'bench', message: null });
    await durable;
    times.push(performance.now() - started);
    await planner.settled();
  }
  await planner.stop();
  await fleet.remove();
  const value = Number(median(times).toFixed(1));
  return [
    {
      name: 'plan-change',
      n: DEVICES,
      value,
      unit: 'ms',
      bar: `≤ ${BAR_MS} ms`,
      ok: value <= BAR_MS,
      rounds: ROUNDS,
      note: '1,000 labelsets, 200 specs, 5,000 packets; 10,000 devices get a new state, on disk',
    },
  ];
}
