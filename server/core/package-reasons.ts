import type { PackageReasonView, PlannedPackage } from '../../proto/package-views.ts';
import { type Answer, nameIn, placesByName, UNKNOWN } from '../resolver/core/answer.ts';
import type { PackageReason, Resolution, ResolvedPackage } from '../resolver/core/resolution.ts';
import type { PackageWant } from './package-lines.ts';

/** The packages of an answer, each with the chain to the spec that it is there for. `auto`: without versions. */
export function plannedPackages(
  resolution: Pick<Resolution, 'packages'>,
  wants: readonly PackageWant[],
  auto: boolean,
): PlannedPackage[] {
  const reasons = createChains(resolution, wants);
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
  { listed, above }: Pick<Answer, 'listed' | 'above'>,
  wants: readonly PackageWant[],
): (string | null)[] {
  const wanted = new Map<string, string>();
  for (const { name, reason } of wants) if (!wanted.has(name)) wanted.set(name, reason.spec);
  const found = new Array<string | null | undefined>(listed.length).fill(undefined);
  const look = (place: number): string | null => {
    const known = found[place];
    if (known !== undefined) return known;
    // What needs itself in turn is there for nobody.
    found[place] = null;
    const over = above[place] ?? UNKNOWN;
    if (over >= 0) found[place] = look(over);
    else if (over !== UNKNOWN) found[place] = wanted.get(listed[place]?.name ?? '') ?? null;
    return found[place] ?? null;
  };
  return Array.from(listed, (_, place) => look(place));
}

const nobody: PackageReasonView = {
  spec: null,
  revision: null,
  packets: [],
  neededBy: [],
  relation: null,
};

type NeededReason = Extract<PackageReason, { kind: 'needed' }>;

/** Follows the reasons of an answer up to a want; a chain is found once per package. */
function createChains(
  { packages }: Pick<Resolution, 'packages'>,
  wants: readonly PackageWant[],
): (one: ResolvedPackage) => PackageReasonView {
  const places = placesByName(packages);
  const wanted = new Map<string, PackageWant>();
  for (const want of wants) if (!wanted.has(want.name)) wanted.set(want.name, want);
  const known = new Map<ResolvedPackage, PackageReasonView>();
  const open = new Set<ResolvedPackage>();

  const find = (one: ResolvedPackage): PackageReasonView => {
    const { reason } = one;
    if (reason.kind !== 'needed') return ofWant(wanted.get(one.name));
    const above = packages[places.get(nameIn(reason.by)) ?? UNKNOWN];
    const relation = relationOf(reason);
    if (!above || open.has(above)) return { ...nobody, neededBy: [nameIn(reason.by)], relation };
    const upper = look(above);
    return { ...upper, neededBy: [...upper.neededBy, above.name], relation };
  };
  const look = (one: ResolvedPackage): PackageReasonView => {
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

function ofWant(want: PackageWant | undefined): PackageReasonView {
  if (!want) return nobody;
  const { spec, revision, packets } = want.reason;
  return { spec, revision, packets: [...packets], neededBy: [], relation: null };
}

function relationOf({ relationKind, relation }: NeededReason): PackageReasonView['relation'] {
  return { kind: relationKind, text: relation };
}
