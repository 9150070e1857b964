import fc from 'fast-check';
import type { Labels } from '../../proto/labels.ts';
import type { Packet, Prerequisite } from '../../proto/packet.ts';
import type { Selector } from '../../proto/selector.ts';
import type { App } from '../../proto/spec.ts';
import type { SpecEntry } from '../../server/core/model.ts';
import { makePacket } from './make.ts';

/** Small alphabets, so that things meet. */
const key = fc.constantFrom('a', 'b', 'c', 'version');
const value = fc.constantFrom('1', '2', '1.0-rc.1', '10');
const name = fc.constantFrom('p', 'q', 'r', 's');

export const labels: fc.Arbitrary<Labels> = fc.dictionary(key, value, { maxKeys: 4 });
export const deviceLabels: fc.Arbitrary<Labels> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  value,
);

const range = fc.constantFrom('*', '>=1', '>=1 <10', '1.*', '<2');
const line: fc.Arbitrary<App & Prerequisite> = fc.oneof(
  fc.record({ name, labels: fc.dictionary(key, value, { maxKeys: 2 }) }),
  fc.record({ name, version: range }),
  fc.record({ name }),
);

const condition = fc.oneof(
  value,
  fc.array(value, { minLength: 1, maxLength: 2 }),
  fc.record({ not: value }),
  fc.record({ exists: fc.boolean() }),
);
export const selector: fc.Arbitrary<Selector> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  condition,
  { maxKeys: 2 },
);

export const specs: fc.Arbitrary<SpecEntry[]> = fc
  .array(
    fc.record({
      target: selector,
      priority: fc.constantFrom(0, 0, 5),
      apps: fc.array(line, { maxLength: 3 }),
    }),
    { maxLength: 4 },
  )
  .map((all) => all.map((spec, index) => ({ ...spec, id: `spec-${index}`, revision: index + 1 })));

/** Packets of which no two share name and labels, as the store guarantees. */
export const packets: fc.Arbitrary<Packet[]> = fc
  .uniqueArray(fc.record({ name, labels, depends: fc.array(line, { maxLength: 2 }) }), {
    maxLength: 14,
    selector: (packet) => JSON.stringify([packet.name, Object.entries(packet.labels).sort()]),
  })
  .map((all) => all.map((packet, index) => makePacket({ ...packet, seq: index + 1 })));
