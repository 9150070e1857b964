import type { Request } from '../resolution.ts';
import type { View } from '../view.ts';
import { createPlan } from './plan.ts';
import { namesIn } from './pool.ts';
import { openRpmSession } from './session.ts';
import { solve } from './solve.ts';

const BUDGET = 20_000;

/**
 * Follows an answer from its wants, breadth first: `Package X: adding new deps ['a', 'b']` for each package that brings
 * others, `VPackage Y: got provides ['z']` for each name that another package serves.
 */
export function traceRpm(view: View, request: Request): string[] {
  const session = openRpmSession(view, request);
  const { pool, jobs, settings, refuse } = session;
  const { holds } = solve(pool, createPlan(pool, jobs, settings, refuse), { budget: BUDGET });
  const lines: string[] = [];
  const queue = [...holds].flatMap(([id, { kind }]) => (kind === 'wanted' ? [id] : []));
  const seen = new Set(queue);
  const told = new Set(queue.map((id) => pool.name(id)));
  for (let at = 0; at < queue.length; at += 1) {
    const id = queue[at] ?? 0;
    const fresh: string[] = [];
    const provided: string[] = [];
    for (const name of namesNeeded(id)) {
      const servers = pool
        .providers({ kind: 'plain', name, comparison: null, evr: null })
        .filter((one) => holds.has(one) && !pool.isInstalled(one));
      if (servers.length === 0 || told.has(name)) continue;
      told.add(name);
      fresh.push(name);
      const names = [...new Set(servers.map((one) => pool.name(one)))];
      if (!names.includes(name)) provided.push(`VPackage ${name}: got provides [${quoted(names)}]`);
      for (const one of servers)
        if (!seen.has(one)) {
          seen.add(one);
          queue.push(one);
        }
    }
    if (fresh.length > 0)
      lines.push(`Package ${pool.name(id)}: adding new deps [${quoted(fresh)}]`);
    lines.push(...provided);
  }
  return lines;

  function namesNeeded(id: number): string[] {
    const kinds = settings.follows(id)
      ? (['preDepends', 'depends', 'recommends'] as const)
      : (['preDepends', 'depends'] as const);
    return kinds.flatMap((kind) => pool.relations(id, kind).flatMap(namesIn));
  }
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
