import type { PresentPackage } from './present-package.ts';

/**
 * Which of `candidates` for removal a package that stays may need, directly or by others that must therefore stay. Every
 * alternative of a dependency counts, so more may stay than has to, and nothing that is needed goes.
 */
export function stillNeeded(
  candidates: readonly PresentPackage[],
  staying: readonly PresentPackage[],
): Set<PresentPackage> {
  const byName = new Map<string, PresentPackage[]>();
  for (const candidate of candidates) {
    for (const name of [candidate.name, ...candidate.provides]) {
      byName.set(name, [...(byName.get(name) ?? []), candidate]);
    }
  }
  const needed = new Set<PresentPackage>();
  const open = [...staying];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const candidate of one.needs.flatMap((name) => byName.get(name) ?? [])) {
      if (needed.has(candidate)) continue;
      needed.add(candidate);
      open.push(candidate);
    }
  }
  return needed;
}
