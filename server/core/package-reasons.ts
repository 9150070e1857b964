import type { PackageReasonView, PlannedPackage } from '../../proto/package-views.ts';
import type { PackageReason, Resolution, ResolvedPackage } from '../resolver/core/resolution.ts';
import type { PackageWant } from './package-lines.ts';

/** The packages of an answer, each with the chain to the spec that it is there for. `auto`: without versions. */
export function plannedPackages(
  resolution: Pick<Resolution, 'packages'>,
  wants: readonly PackageWant[],
  auto: boolean,
): PlannedPackage[] {
  const reasons = createChains(resolution, wants, reasonViews);
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

/** The spec that each package of an answer is there for, in the order of the answer; null: nobody asks for it. */
export function owningSpecs(
  resolution: Pick<Resolution, 'packages'>,
  wants: readonly PackageWant[],
): (string | null)[] {
  return resolution.packages.map(createChains(resolution, wants, owners));
}

/** What is told of the chain of reasons above a package. */
interface Chain<View> {
  wanted(want: PackageWant | undefined): View;
  /** What needs it is not in the answer, or needs it in turn. */
  broken(reason: NeededReason): View;
  below(upper: View, above: ResolvedPackage, reason: NeededReason): View;
}

type NeededReason = Extract<PackageReason, { kind: 'needed' }>;

const owners: Chain<string | null> = {
  wanted: (want) => want?.reason.spec ?? null,
  broken: () => null,
  below: (upper) => upper,
};

const reasonViews: Chain<PackageReasonView> = {
  wanted: (want) => (want ? ofWant(want) : nobody),
  broken: (reason) => ({
    ...nobody,
    neededBy: [nameOf(reason.by)],
    relation: relationOf(reason),
  }),
  below: (upper, above, reason) => ({
    ...upper,
    neededBy: [...upper.neededBy, above.name],
    relation: relationOf(reason),
  }),
};

const nobody: PackageReasonView = {
  spec: null,
  revision: null,
  packets: [],
  neededBy: [],
  relation: null,
};

/** Follows the reasons of an answer up to a want; a chain is found once per package. */
function createChains<View>(
  { packages }: Pick<Resolution, 'packages'>,
  wants: readonly PackageWant[],
  { wanted: ofWanted, broken, below }: Chain<View>,
): (one: ResolvedPackage) => View {
  const byName = new Map<string, ResolvedPackage>();
  for (const one of packages) if (!byName.has(one.name)) byName.set(one.name, one);
  const wanted = new Map<string, PackageWant>();
  for (const want of wants) if (!wanted.has(want.name)) wanted.set(want.name, want);
  const known = new Map<ResolvedPackage, View>();
  const open = new Set<ResolvedPackage>();

  const find = (one: ResolvedPackage): View => {
    const { reason } = one;
    if (reason.kind !== 'needed') return ofWanted(wanted.get(one.name));
    const above = byName.get(nameOf(reason.by));
    if (!above || open.has(above)) return broken(reason);
    return below(look(above), above, reason);
  };
  const look = (one: ResolvedPackage): View => {
    const remembered = known.get(one);
    if (remembered !== undefined) return remembered;
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

function relationOf({ relationKind, relation }: NeededReason): PackageReasonView['relation'] {
  return { kind: relationKind, text: relation };
}

/** A package may be named with its architecture: `libc6:i386`. */
function nameOf(text: string): string {
  return /^(.*[^:]):[a-z0-9_-]+$/.exec(text)?.[1] ?? text;
}
