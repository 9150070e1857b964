import { createPlanningFleet, DEVICES } from './planning-fleet.ts';
import { median, type Row } from './row.ts';

const ROUNDS = 3;
const BAR_S = 5;

/** From the start of a planner over a full store until every labelset is planned again and nothing differs. */
export async function run(): Promise<Row[]> {
  const fleet = await createPlanningFleet();
  const first = fleet.createPlanner();
  await first.start();
  await first.settled();
  await first.stop();
  const times: number[] = [];
  let published = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const planner = fleet.createPlanner(() => {
      published += 1;
    });
    const started = performance.now();
    await planner.start();
    await planner.settled();
    times.push((performance.now() - started) / 1000);
    await planner.stop();
  }
  await fleet.remove();
  const value = Number(median(times).toFixed(2));
  return [
    {
      name: 'plan-boot',
      n: DEVICES,
      value,
      unit: 's',
      bar: `≤ ${BAR_S} s`,
      ok: value <= BAR_S && published === 0,
      rounds: ROUNDS,
      note: `1,000 labelsets, 200 specs, 5,000 packets; published because of the boot: ${published}`,
    },
  ];
}
