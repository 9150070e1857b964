import type { Labels } from '../../proto/labels.ts';
import type { ReportedPacket } from '../../proto/reported.ts';

/**
 * Makes equal values one object, so that a fleet of like devices takes little memory. Only a saving: it forgets all when
 * it holds more than its limit, and values met before and after are then two objects.
 */
export interface Interner {
  text(text: string): string;
  /** The same labels with shared texts; for sets that differ from device to device. */
  facts(labels: Labels): Labels;
  /** One object for equal sets; for sets that many devices have. */
  labels(labels: Labels): Labels;
  packets(packets: ReportedPacket[]): ReportedPacket[];
}

/** An interner that holds at most `limit` texts and as many objects. */
export function createInterner(limit = 50_000): Interner {
  const texts = new Map<string, string>();
  const objects = new Map<string, unknown>();

  const remembered = <Value>(
    known: Map<string, unknown>,
    key: string,
    make: () => Value,
  ): Value => {
    const found = known.get(key) as Value | undefined;
    if (found !== undefined) return found;
    if (known.size >= limit) known.clear();
    const made = make();
    known.set(key, made);
    return made;
  };
  const text = (value: string): string => remembered(texts, value, () => value);
  const facts = (labels: Labels): Labels => {
    const shared: Record<string, string> = {};
    for (const key of Object.keys(labels)) shared[key] = text(labels[key] as string);
    return shared;
  };
  return {
    text,
    facts,
    labels: (labels) => remembered(objects, `l${JSON.stringify(labels)}`, () => facts(labels)),
    packets: (packets) =>
      remembered(objects, `p${JSON.stringify(packets)}`, () => packets.map(sharedPacket)),
  };

  function sharedPacket({ name, id, status, error }: ReportedPacket): ReportedPacket {
    return { name: text(name), id: id === null ? null : text(id), status, error };
  }
}
