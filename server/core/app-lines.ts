import type { Labels } from '../../proto/labels.ts';
import { matches } from '../../proto/selector.ts';
import type { App } from '../../proto/spec.ts';
import type { SpecEntry } from './model.ts';

/** A line of a spec that applies to a device. */
export interface AppLine {
  app: App;
  spec: SpecEntry;
  priority: number;
  /** Whether it has the highest priority of all lines of its name; others are neither matched nor reported. */
  counts: boolean;
}

/** The specs that apply, the higher priority first, then by id. */
export function applyingSpecs(labels: Labels, specs: readonly SpecEntry[]): SpecEntry[] {
  return specs.filter((spec) => matches(spec.target, labels)).sort(comparePrecedence);
}

function comparePrecedence(a: SpecEntry, b: SpecEntry): number {
  return (b.priority ?? 0) - (a.priority ?? 0) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The lines of specs (in order of precedence) by the app's name, names sorted. */
export function appLines(applying: readonly SpecEntry[]): Map<string, AppLine[]> {
  const byName = new Map<string, AppLine[]>();
  for (const spec of applying) {
    const priority = spec.priority ?? 0;
    for (const app of spec.apps ?? []) {
      const lines = byName.get(app.name) ?? [];
      lines.push({ app, spec, priority, counts: priority === (lines[0]?.priority ?? priority) });
      byName.set(app.name, lines);
    }
  }
  return new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
}
