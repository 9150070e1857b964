import type { Labels } from '../../../proto/labels.ts';
import { demandedValues } from '../../../proto/selector.ts';
import type { SpecEntry } from '../../core/model.ts';

/** Specs, arranged so that planning one labelset looks only at those that can apply. */
export interface SpecIndex {
  readonly all: readonly SpecEntry[];
  get(id: string): SpecEntry | undefined;
  /** A few more specs than apply to these labels, never fewer. */
  candidates(labels: Labels): SpecEntry[];
  /** The specs with an app of that name. */
  withApp(name: string): readonly SpecEntry[];
}

/** Arranges specs: each stands under one label that it demands, or among those that demand none. */
export function indexSpecs(all: readonly SpecEntry[]): SpecIndex {
  const byId = new Map(all.map((spec) => [spec.id, spec]));
  const byApp = new Map<string, SpecEntry[]>();
  const byLabel = new Map<string, Map<string, SpecEntry[]>>();
  const unbound: SpecEntry[] = [];
  for (const spec of all) {
    for (const name of new Set(spec.apps?.map((app) => app.name))) append(byApp, name, spec);
    place(spec, byLabel, unbound);
  }
  return {
    all,
    get: (id) => byId.get(id),
    withApp: (name) => byApp.get(name) ?? [],
    candidates(labels) {
      const found = [...unbound];
      for (const [key, values] of byLabel) {
        if (Object.hasOwn(labels, key)) found.push(...(values.get(labels[key] as string) ?? []));
      }
      return found;
    },
  };
}

function place(
  spec: SpecEntry,
  byLabel: Map<string, Map<string, SpecEntry[]>>,
  unbound: SpecEntry[],
): void {
  const demanded = mostSelective(spec, byLabel);
  if (!demanded) {
    unbound.push(spec);
    return;
  }
  const values = byLabel.get(demanded.key) ?? new Map<string, SpecEntry[]>();
  byLabel.set(demanded.key, values);
  for (const value of new Set(demanded.values)) append(values, value, spec);
}

/** The demanded label whose values few other specs demand so far. */
function mostSelective(
  spec: SpecEntry,
  byLabel: ReadonlyMap<string, ReadonlyMap<string, readonly SpecEntry[]>>,
): { key: string; values: readonly string[] } | null {
  let best: { key: string; values: readonly string[]; crowd: number } | null = null;
  for (const [key, condition] of Object.entries(spec.target)) {
    const values = demandedValues(condition);
    if (!values) continue;
    const crowd = values.reduce(
      (sum, value) => sum + 1 + (byLabel.get(key)?.get(value)?.length ?? 0),
      0,
    );
    if (!best || crowd < best.crowd) best = { key, values, crowd };
  }
  return best;
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
