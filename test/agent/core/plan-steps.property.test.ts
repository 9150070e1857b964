import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InstalledPacket } from '../../../agent/core/installed-index.ts';
import { planSteps, type Step } from '../../../agent/core/plan-steps.ts';
import type { PacketLine } from '../../../proto/desired.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const name = fc.constantFrom(...names);
const idOf = (packet: string, version: number): string =>
  `sha256:${packet.charCodeAt(0).toString(16)}${version}`.padEnd(71, '0');

const installed: fc.Arbitrary<InstalledPacket[]> = fc
  .uniqueArray(
    fc.record({
      name,
      version: fc.integer({ min: 1, max: 2 }),
      origin: fc.constantFrom('plan' as const, 'plan' as const, 'manual' as const),
      depends: fc.uniqueArray(name, { maxLength: 2 }),
    }),
    { selector: (packet) => packet.name },
  )
  .map((all) =>
    all.map(({ version, ...rest }) => ({ ...rest, id: idOf(rest.name, version), labels: {} })),
  );

const lines: fc.Arbitrary<PacketLine[]> = fc
  .uniqueArray(fc.record({ name, version: fc.integer({ min: 0, max: 2 }) }), {
    selector: (line) => line.name,
  })
  .map((all) => all.map(({ name: wanted, version }) => lineOf(wanted, version)));

function lineOf(wanted: string, version: number): PacketLine {
  if (version === 0) return { name: wanted, keep: true, problem: 'no-candidate' };
  const reason = { spec: 's', revision: 1 };
  return { name: wanted, id: idOf(wanted, version), labels: {}, size: 1, url: '/x', reason };
}

const depends = fc.dictionary(name, fc.uniqueArray(name, { maxLength: 2 }));
type Depends = Record<string, string[]>;
const dependsBy =
  (map: Depends) =>
  (id: string): readonly string[] =>
    map[names.find((candidate) => id === idOf(candidate, 1) || id === idOf(candidate, 2)) ?? ''] ??
    [];

/** What is installed after the steps. */
function after(
  before: readonly InstalledPacket[],
  { steps, adopted }: ReturnType<typeof planSteps>,
): InstalledPacket[] {
  const changing = new Set(steps.map((step) => step.name));
  const rest = before
    .filter((packet) => !changing.has(packet.name))
    .map((packet) =>
      adopted.includes(packet.name) ? { ...packet, origin: 'plan' as const } : packet,
    );
  const come = steps.flatMap((step) =>
    step.to === null
      ? []
      : [{ name: step.name, id: step.to, labels: {}, origin: 'plan' as const, depends: [] }],
  );
  return [...rest, ...come];
}

it('does not depend on the order of its arguments', () => {
  fc.assert(
    fc.property(
      installed,
      lines,
      depends,
      fc.infiniteStream(fc.nat()),
      (has, wants, needs, order) => {
        const plan = planSteps(has, wants, dependsBy(needs));
        const shuffle = <Item>(items: readonly Item[]): Item[] =>
          items
            .map((item) => ({ item, key: order.next().value as number }))
            .sort((x, y) => x.key - y.key)
            .map(({ item }) => item);
        expect(planSteps(shuffle(has), shuffle(wants), dependsBy(needs))).toEqual(plan);
      },
    ),
  );
});

it('has nothing left to do once it is done', () => {
  fc.assert(
    fc.property(installed, lines, depends, (has, wants, needs) => {
      const done = after(has, planSteps(has, wants, dependsBy(needs)));
      const kept = wants.filter((line) => 'keep' in line).map((line) => line.name);
      const again = planSteps(done, wants, dependsBy(needs));
      expect(again.adopted).toEqual([]);
      // What a kept line holds by its prerequisites can change only where the packet itself was replaced.
      if (kept.length === 0) expect(again.steps).toEqual([]);
    }),
  );
});

it('brings all that is wanted, leaves what was installed by hand, and keeps what is to be kept', () => {
  fc.assert(
    fc.property(installed, lines, depends, (has, wants, needs) => {
      const done = after(has, planSteps(has, wants, dependsBy(needs)));
      const ids = new Map(done.map((packet) => [packet.name, packet.id]));
      for (const line of wants) {
        const old = has.find((packet) => packet.name === line.name)?.id;
        expect(ids.get(line.name)).toBe('keep' in line ? old : line.id);
      }
      const wanted = new Set(wants.map((line) => line.name));
      for (const packet of has)
        if (packet.origin === 'manual' && !wanted.has(packet.name))
          expect(ids.get(packet.name)).toBe(packet.id);
    }),
  );
});

it('a packet comes after what it needs and goes before it, unless they need each other', () => {
  fc.assert(
    fc.property(installed, lines, depends, (has, wants, needs) => {
      const acyclic: Depends = Object.fromEntries(
        Object.entries(needs).map(([from, to]) => [from, to.filter((needed) => needed < from)]),
      );
      const { steps } = planSteps(has, wants, dependsBy(acyclic));
      const position = (wanted: string, kind: (step: Step) => boolean): number =>
        steps.findIndex((step) => step.name === wanted && kind(step));
      for (const [from, to] of Object.entries(acyclic))
        for (const needed of to) {
          const comes = (step: Step): boolean => step.to !== null;
          const goes = (step: Step): boolean => step.to === null;
          if (position(from, comes) >= 0)
            expect(position(needed, comes)).toBeLessThan(position(from, comes));
          if (position(from, goes) >= 0 && position(needed, goes) >= 0)
            expect(position(needed, goes)).toBeGreaterThan(position(from, goes));
        }
      const firstRemoval = steps.findIndex((step) => step.kind === 'remove');
      if (firstRemoval >= 0)
        expect(steps.slice(firstRemoval).every((step) => step.kind === 'remove')).toBe(true);
    }),
  );
});

it('kept lines hold the prerequisites of what is installed', () => {
  const packet = (wanted: string, needs: string[]): InstalledPacket => ({
    name: wanted,
    id: idOf(wanted, 1),
    labels: {},
    origin: 'plan',
    depends: needs,
  });
  const has = [packet('a', ['b']), packet('b', ['c']), packet('c', []), packet('d', [])];
  const { steps } = planSteps(has, [lineOf('a', 0)], () => []);
  expect(steps.map((step) => step.name)).toEqual(['d']);
});
