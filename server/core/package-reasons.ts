import type { PackageReasonView, PlannedPackage } from '../../proto/package-views.ts';
import type { Resolution, ResolvedPackage } from '../resolver/core/resolution.ts';
import type { PackageWant } from './package-lines.ts';

/** The packages of an answer, each with the chain to the spec that it is there for. `auto`: without versions. */
export function plannedPackages(
  resolution: Pick<Resolution, 'packages'>,
  wants: readonly PackageWant[],
  auto: boolean,
): PlannedPackage[] {
  const reasons = createReasons(resolution, wants);
  return resolution.packages.map((one) => ({
    name: one.name,
    version: auto ? null : one.version,
    arch: one.arch,
    type: one.type,
    source: one.source,
    auto: one.auto,
    size: one.size,
    installedSize: one.installedSize,
    reason: reasons(one),
  }));
}

const nobody: PackageReasonView = {
  spec: null,
  revision: null,
  packets: [],
  neededBy: [],
  relation: null,
};

/** Follows the reasons of an answer up to a want; a chain is found once per package. */
function createReasons(
  { packages }: Pick<Resolution, 'packages'>,
  wants: readonly PackageWant[],
): (one: ResolvedPackage) => PackageReasonView {
  const byName = new Map<string, ResolvedPackage>();
  for (const one of packages) if (!byName.has(one.name)) byName.set(one.name, one);
  const wanted = new Map<string, PackageWant>();
  for (const want of wants) if (!wanted.has(want.name)) wanted.set(want.name, want);
  const known = new Map<ResolvedPackage, PackageReasonView>();
  const open = new Set<ResolvedPackage>();

  const find = (one: ResolvedPackage): PackageReasonView => {
    const { reason } = one;
    const want = wanted.get(one.name);
    if (reason.kind !== 'needed') return want ? ofWant(want) : nobody;
    const above = byName.get(nameOf(reason.by));
    const relation = { kind: reason.relationKind, text: reason.relation };
    if (!above || open.has(above)) return { ...nobody, neededBy: [nameOf(reason.by)], relation };
    const upper = look(above);
    return { ...upper, neededBy: [...upper.neededBy, above.name], relation };
  };
  const look = (one: ResolvedPackage): PackageReasonView => {
    const remembered = known.get(one);
    if (remembered) return remembered;
    open.add(one);
    const found = find(one);
    open.delete(one);
    known.set(one, found);
    return found;
  };
  return look;
}

function ofWant({ reason: { spec, revision, packets } }: PackageWant): PackageReasonView {
  return { spec, revision, packets: [...packets], neededBy: [], relation: null };
}

/** A package may be named with its architecture: `libc6:i386`. */
function nameOf(text: string): string {
  return /^(.*[^:]):[a-z0-9_-]+$/.exec(text)?.[1] ?? text;
}
