import type { RenewalHold } from '../../proto/package-views.ts';
import type { SpecEntry } from '../core/model.ts';
import { keys, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';
import type { SpecSource } from './plan-inputs.ts';

/** Which specs have their renewal held; durable. A hold counts for one revision of its spec. */
export interface Holds {
  load(): Promise<void>;
  /** The specs as they take part in planning; an entry is the same object until spec or hold change. */
  specs(): SpecEntry[];
  /** The same of specs as they were read earlier. */
  over(specs: readonly SpecEntry[]): SpecEntry[];
  /** Those that count, by id of the spec. */
  list(): RenewalHold[];
  get(spec: string): RenewalHold | undefined;
  begin(holds: readonly RenewalHold[]): Promise<void>;
  end(specs: Iterable<string>): Promise<void>;
  /** Ends what counts no more because its spec changed or went; the ids of specs that changed. */
  tidy(): Promise<string[]>;
}

export function createHolds(store: Store, source: Pick<SpecSource, 'all'>): Holds {
  const holds = new Map<string, RenewalHold>();
  const entries = new WeakMap<SpecEntry, SpecEntry>();

  const heldEntry = (spec: SpecEntry): SpecEntry => {
    const known = entries.get(spec) ?? { ...spec, held: true };
    entries.set(spec, known);
    return known;
  };
  const counts = ({ id, revision, updates }: SpecEntry): boolean =>
    updates !== 'manual' && holds.get(id)?.revision === revision;
  const over = (specs: readonly SpecEntry[]): SpecEntry[] =>
    specs.map((spec) => (!spec.held && counts(spec) ? heldEntry(spec) : spec));
  const end = async (specs: Iterable<string>): Promise<void> => {
    const gone = [...specs].filter((id) => holds.has(id));
    if (gone.length === 0) return;
    await store.batch(gone.map((id) => ({ delete: keys.hold(id) })));
    for (const id of gone) holds.delete(id);
  };

  return {
    async load() {
      for await (const { value } of store.range(prefixRange(prefixes.hold))) {
        const hold = JSON.parse(value) as RenewalHold;
        holds.set(hold.spec, hold);
      }
    },
    specs: () => over([...source.all()]),
    over,
    list: () =>
      [...source.all()]
        .filter(counts)
        .flatMap(({ id }) => holds.get(id) ?? [])
        .sort((a, b) => (a.spec < b.spec ? -1 : 1)),
    get(id) {
      const hold = holds.get(id);
      if (!hold) return undefined;
      for (const spec of source.all()) if (spec.id === id && counts(spec)) return hold;
      return undefined;
    },
    async begin(some) {
      const puts: Operation[] = some.map((hold) => ({
        put: keys.hold(hold.spec),
        value: JSON.stringify(hold),
      }));
      await store.batch(puts);
      for (const hold of some) holds.set(hold.spec, hold);
    },
    end,
    async tidy() {
      if (holds.size === 0) return [];
      const present = new Map([...source.all()].map((spec) => [spec.id, spec]));
      const over = [...holds.keys()].filter((id) => {
        const spec = present.get(id);
        return !spec || !counts(spec);
      });
      await end(over);
      return over.filter((id) => present.has(id));
    },
  };
}
