import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { planPolicy } from '../../../server/core/device-policy.ts';
import { outcomeOf, planSignature } from '../../../server/planner/core/body.ts';
import { Fleet } from '../../../server/planner/fleet.ts';
import { createPublisher } from '../../../server/planner/publisher.ts';
import { createSlices } from '../../../server/planner/slices.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { MemoryDevices } from '../../support/fleet-in-memory.ts';

const slices = () => createSlices(createFakeClock());
const policy = planPolicy([]);

/** Three devices in two labelsets that are planned. */
async function plannedFleet() {
  const devices = new MemoryDevices();
  devices.report('a1', { fleet: 'a', hostname: 'a1' });
  devices.report('a2', { fleet: 'a', hostname: 'a2' });
  devices.report('b1', { fleet: 'b', hostname: 'b1' });
  const fleet = new Fleet();
  await fleet.regroup(new Set(['fleet']), () => undefined, slices());
  for (const entry of devices.all()) fleet.place(entry);
  for (const labelset of fleet.labelsets()) {
    const plan = { ...{ packets: [], problems: [], packages: null }, policy, spec: null };
    labelset.outcome = outcomeOf(plan, planSignature(plan));
    labelset.stale = false;
  }
  const regroup = (...keys: string[]) =>
    fleet.regroup(new Set(keys), (id) => devices.get(id)?.labels, slices());
  return { devices, fleet, regroup };
}

describe('regrouping', () => {
  it('keeps plans of devices that nothing happened to', async () => {
    const { fleet, regroup } = await plannedFleet();
    await regroup('fleet', 'hostname');
    expect([...fleet.labelsets()].map(({ labels, stale }) => [labels.hostname, stale])).toEqual([
      ['a1', false],
      ['a2', false],
      ['b1', false],
    ]);
    expect(fleet.matching({ hostname: 'a2' })).toEqual([fleet.member('a2')?.labelset]);
  });

  it('plans labelsets again to which a device came with labels that it did not have before', async () => {
    const { devices, fleet, regroup } = await plannedFleet();
    devices.report('a1', { fleet: 'c', hostname: 'a1' });
    await regroup('fleet', 'hostname');
    expect(fleet.member('a1')?.labelset).toMatchObject({ stale: true, labels: { fleet: 'c' } });
    expect(fleet.member('a2')?.labelset.stale).toBe(false);
  });

  it('plans joined labelsets again if one of them was stale', async () => {
    const { fleet, regroup } = await plannedFleet();
    for (const labelset of fleet.matching({ fleet: 'b' })) labelset.stale = true;
    await regroup();
    expect([...fleet.labelsets()]).toMatchObject([{ stale: true, labels: {} }]);
    expect(fleet.member('a1')?.labelset.members.size).toBe(3);
  });

  it('forgets labelsets that have no members', async () => {
    const { devices, fleet } = await plannedFleet();
    fleet.remove('b1');
    devices.report('a1', { fleet: 'b' });
    const entry = devices.get('a1');
    if (entry) fleet.place(entry);
    expect([...fleet.labelsets()].map(({ labels }) => labels)).toEqual([
      { fleet: 'a' },
      { fleet: 'b' },
    ]);
  });
});

describe('the publisher', () => {
  it('has a bounded number of messages under way, sends a waiting device once, and survives failures', async () => {
    let open: (() => void)[] = [];
    let under = 0;
    let most = 0;
    const sent: string[] = [];
    const publisher = createPublisher({
      bus: {
        publish: ({ topic }) =>
          new Promise((resolve, reject) => {
            sent.push(topic);
            under += 1;
            most = Math.max(most, under);
            open.push(() => {
              under -= 1;
              if (sent.length % 2 === 0) resolve();
              else reject(new Error('the bus is closed'));
            });
          }),
      },
      message: () => new Uint8Array(1),
      slices: slices(),
      log: silentLog,
    });
    const devices = Array.from({ length: 700 }, (_, index) => `d${index}`);
    publisher.add(devices);
    publisher.add(devices.slice(-10));
    const flushed = publisher.flushed();
    while (sent.length < 700 || open.length > 0) {
      const ready = open;
      open = [];
      for (const finish of ready) finish();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await flushed;
    expect(sent).toHaveLength(700);
    expect(most).toBe(256);
  });
});
