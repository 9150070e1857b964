import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSubset, type Labels, overlay, reduceLabels } from '../../../proto/labels.ts';
import type { Packet } from '../../../proto/packet.ts';
import { mentionedKeys } from '../../../server/core/labelset.ts';
import type { LabelPlan, SpecEntry } from '../../../server/core/model.ts';
import { planLabels } from '../../../server/core/plan.ts';
import { deviceLabels, packets, specs } from '../../support/arbitraries.ts';
import { indexPackets } from '../../support/make.ts';

const runs = { numRuns: process.env.JAMESD_FULL ? 20_000 : 1_500 };

const plan = (device: Labels, entries: readonly SpecEntry[], all: readonly Packet[]): LabelPlan =>
  planLabels(device, entries, indexPackets(all));
/** What a plan says, without its sentences. */
const outcome = ({ packets: chosen, problems }: LabelPlan) => ({
  packets: chosen.map(({ packet }) => packet.id),
  problems: problems.map(({ code, name }) => `${code} ${name}`),
});
const shuffled = <Item>(items: readonly Item[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length });
const reversed = (labels: Labels): Labels => Object.fromEntries(Object.entries(labels).reverse());

describe('planLabels', () => {
  it('does not depend on the order of packets, specs, or labels', () => {
    const world = fc
      .tuple(deviceLabels, specs, packets)
      .chain(([device, entries, all]) =>
        fc.tuple(fc.constant({ device, entries, all }), shuffled(entries), shuffled(all)),
      );
    fc.assert(
      fc.property(world, ([{ device, entries, all }, otherSpecs, otherPackets]) => {
        expect(plan(reversed(device), otherSpecs, otherPackets)).toEqual(
          plan(device, entries, all),
        );
      }),
      runs,
    );
  });

  it('chooses at most one packet of a name, and a name is either chosen or a problem', () => {
    fc.assert(
      fc.property(deviceLabels, specs, packets, (device, entries, all) => {
        const { packets: chosen, problems } = plan(device, entries, all);
        const names = [
          ...chosen.map(({ packet }) => packet.name),
          ...problems.map((one) => one.name),
        ];
        expect(new Set(names).size).toBe(names.length);
      }),
      runs,
    );
  });

  it('an app gets a packet that contains its labels and fits the wanted set', () => {
    fc.assert(
      fc.property(deviceLabels, specs, packets, (device, entries, all) => {
        const result = plan(device, entries, all);
        for (const app of result.spec?.apps ?? []) {
          const packet = result.packets.find((one) => one.packet.name === app.name)?.packet;
          if (!packet) continue;
          const { version, ...others } = packet.labels;
          const mustFit = app.version === undefined ? packet.labels : others;
          expect(isSubset(app.labels ?? {}, packet.labels)).toBe(true);
          expect(isSubset(mustFit, overlay(device, app.labels ?? {}))).toBe(true);
          expect(app.version === undefined || version !== undefined).toBe(true);
        }
      }),
      runs,
    );
  });

  it('is closed: every prerequisite of a chosen packet is chosen and has what is required, without cycles', () => {
    fc.assert(
      fc.property(deviceLabels, specs, packets, (device, entries, all) => {
        const { packets: chosen } = plan(device, entries, all);
        const byName = new Map(chosen.map(({ packet }) => [packet.name, packet]));
        for (const packet of byName.values()) {
          for (const line of packet.depends ?? []) {
            const served = byName.get(line.name);
            expect(served, `${packet.name} needs ${line.name}`).toBeDefined();
            expect(isSubset(line.labels ?? {}, served?.labels ?? {})).toBe(true);
          }
        }
        expect(hasCycle(byName)).toBe(false);
      }),
      runs,
    );
  });

  it('nothing is chosen that no app needs', () => {
    fc.assert(
      fc.property(deviceLabels, specs, packets, (device, entries, all) => {
        const { packets: chosen, spec } = plan(device, entries, all);
        const apps = new Set(spec?.apps.map((app) => app.name));
        for (const { packet, reason } of chosen) {
          const [root = packet.name] = reason.neededBy ?? [];
          expect(apps.has(root)).toBe(true);
          expect(spec?.ids).toContain(reason.spec);
        }
      }),
      runs,
    );
  });

  it('taking away a packet that was neither chosen nor mentioned by a problem changes nothing', () => {
    fc.assert(
      fc.property(deviceLabels, specs, packets, fc.nat(), (device, entries, all, pick) => {
        const before = plan(device, entries, all);
        const needed = new Set(before.packets.map(({ packet }) => packet.id));
        if (before.problems.length > 0) return;
        const irrelevant = all.filter((packet) => !needed.has(packet.id));
        const gone = irrelevant[pick % Math.max(irrelevant.length, 1)];
        expect(
          outcome(
            plan(
              device,
              entries,
              all.filter((packet) => packet !== gone),
            ),
          ),
        ).toEqual(outcome(before));
      }),
      runs,
    );
  });

  it('is stable: planning with only what was chosen gives the same', () => {
    fc.assert(
      fc.property(deviceLabels, specs, packets, (device, entries, all) => {
        const before = plan(device, entries, all);
        const again = plan(
          device,
          entries,
          before.packets.map(({ packet }) => packet),
        );
        expect(again.packets).toEqual(before.packets);
      }),
      runs,
    );
  });

  it('labels that nothing mentions make no difference', () => {
    fc.assert(
      fc.property(deviceLabels, specs, packets, (device, entries, all) => {
        const keys = mentionedKeys({ specs: entries, packets: all, sourceKeys: [], lockKeys: [] });
        const noisy = { ...device, hostname: 'buoy-17', kernel: '6.1' };
        expect(outcome(plan(reduceLabels(noisy, keys), entries, all))).toEqual(
          outcome(plan(noisy, entries, all)),
        );
      }),
      runs,
    );
  });
});

function hasCycle(byName: ReadonlyMap<string, Packet>): boolean {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): boolean => {
    if (path.includes(name)) return true;
    if (done.has(name)) return false;
    done.add(name);
    return (byName.get(name)?.depends ?? []).some((line) => visit(line.name, [...path, name]));
  };
  return [...byName.keys()].some((name) => visit(name, []));
}
