import { describe, expect, it } from 'vitest';
import { JamesError } from '../../../proto/errors.ts';
import { silentLog } from '../../../proto/log.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import { createWorkQueue, type Work } from '../../../server/planner/work-queue.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createPlannerWorld } from '../../support/planner-world.ts';
import { until } from '../../support/until.ts';

describe('the work queue', () => {
  it('joins what comes while a pass is under way into one next pass', async () => {
    const passes: Work[] = [];
    let finish = (): void => {};
    const queue = createWorkQueue({
      run: (work) => {
        passes.push(work);
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
      clock: createFakeClock(),
      random: () => 0.5,
      log: silentLog,
    });
    const started = queue.start();
    finish();
    await started;
    const mark = (device: string) => queue.add((work) => work.devices.add(device));
    for (const device of ['a', 'b', 'a']) mark(device);
    await until('the second pass', () => passes.length === 2);
    for (const device of ['b', 'c', 'b']) mark(device);
    const settled = queue.settled();
    finish();
    await until('the third pass', () => passes.length === 3);
    finish();
    await settled;
    expect(passes.slice(1).map(({ devices }) => [...devices])).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ]);
    expect(queue.idle()).toBe(true);
    await queue.stop();
  });
});

describe('a store that fails', () => {
  it('delays the new state; nothing is published before it is durable', async () => {
    const world = await createPlannerWorld();
    world.devices.report('one', {});
    await world.planner.settled();
    await world.planner.stop();
    let failing = true;
    const store: typeof world.store = {
      ...world.store,
      async batch(operations, expect) {
        if (failing) throw new JamesError('no-space', 'The disk is full. Free some space.');
        return world.store.batch(operations, expect);
      },
    };
    world.devices.report('two', {});
    world.bus.clear();
    const restarted = world.restart({ store });
    for (let retry = 0; retry < 3; retry += 1) await world.clock.advance(5_000);
    expect(world.bus.messages).toEqual([]);
    failing = false;
    await world.clock.advance(60_000);
    await restarted;
    expect(world.bus.messages.map(({ topic }) => topic)).toEqual([deviceTopic('two', 'desired')]);
    expect(world.planner.desiredOf('two')?.revision).toBe(1);
  });
});
