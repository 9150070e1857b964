import type { PlanProblem } from '../../proto/api.ts';
import type { Labels } from '../../proto/labels.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { PlannedPackage } from '../../proto/package-views.ts';
import { type Answer, emptyAnswer } from '../resolver/core/answer.ts';
import type { Request } from '../resolver/core/resolution.ts';
import type { Pins, PlannedPacket, SpecEntry } from './model.ts';
import { asksForPackages, type PackageWant, packageWants } from './package-lines.ts';
import { comparePackages, makeLock } from './package-lock.ts';
import type {
  AppliedSource,
  OwnedPackages,
  PackagePlan,
  PackageView,
  PackageWorld,
} from './package-model.ts';
import { resolvePinned } from './package-pins.ts';
import { type MergedPolicy, mergePolicy } from './package-policy.ts';
import { noSourceProblem, unservedProblem, unsupportedProblem } from './package-problems.ts';
import { owningSpecs, plannedPackages } from './package-reasons.ts';
import { unindexedPackages } from './package-request.ts';
import { judgeSources, packageTypeOf, supportsAuto } from './package-sources.ts';

/** What the packages of a labelset depend on. */
export interface PackageInput {
  labels: Labels;
  /** The specs that apply, in order of precedence. */
  applying: readonly SpecEntry[];
  /** The packets that they chose. */
  packets: readonly PlannedPacket[];
  world: PackageWorld;
  /** What locks of specs decide. */
  pins: Pins;
}

/** What is asked for on a device, and where it can come from. */
export interface PackageSituation {
  type: PackageType | null;
  /** Sorted by name. */
  wants: readonly PackageWant[];
  policy: MergedPolicy;
  /** Of the type, in order of precedence. */
  applied: readonly AppliedSource[];
  /** Contradictions between specs: of packages, and of fields of the policy. */
  conflicts: readonly PlanProblem[];
  policyConflicts: readonly PlanProblem[];
}

/** What was chosen. */
export interface PackageChoice {
  resolution: Answer;
  /** The wants that the resolution is for. */
  asked: readonly PackageWant[];
  /** Packages of sources without index. */
  unindexed: readonly PlannedPackage[];
  problems: readonly PlanProblem[];
  view: PackageView | null;
  /** What the resolver was asked. */
  requests: readonly Request[];
}

/**
 * The packages of devices with these labels, with all that they need; null where nobody asks for any. A package that
 * cannot be served is a problem and holds up no other: it goes into the lock's `keep`. Independent of the order of specs
 * and sources.
 */
export function planPackages(input: PackageInput): PackagePlan | null {
  if (!asksForPackages(input.applying, input.packets)) return null;
  const situation = packageSituation(input);
  const choice = choosePackages(input, situation);
  const { type, policy, wants, applied, conflicts } = situation;
  const problems = [...conflicts, ...choice.problems].sort(byName);
  const { resolution, asked, unindexed, view } = choice;
  const auto = policy.version === 'auto';
  let packages: PlannedPackage[] | undefined;
  let owned: OwnedPackages | undefined;
  return {
    lock: makeLock({
      ...{ type: type ?? 'deb', problems, wants, auto, resolution, unindexed },
      world: input.world,
    }),
    packages() {
      packages ??= [...unindexed, ...plannedPackages(resolution, asked, auto)].sort(
        comparePackages,
      );
      return packages;
    },
    owned() {
      owned ??= ownedPackages(choice, auto);
      return owned;
    },
    sourceIds: applied.map(({ source }) => source.id),
    sources: input.world.desired(applied, input.labels),
    policy: { version: policy.version, downgrade: policy.downgrade, unmanaged: policy.unmanaged },
    problems: [...problems, ...situation.policyConflicts].sort(byName),
    view,
    spec: { wants: wants.map(wantView), policy },
  };
}

/** What is asked for on devices with these labels. */
export function packageSituation(input: Omit<PackageInput, 'pins'>): PackageSituation {
  const { labels, applying, packets, world } = input;
  const judged = judgeSources(world, labels);
  const type = packageTypeOf(labels, judged);
  const { wants, problems: conflicts } = packageWants(applying, packets, type);
  const { policy, problems: policyConflicts } = mergePolicy(applying);
  const applied = judged.filter(({ verdict }) => verdict.applies && verdict.type === type);
  return { type, wants, policy, applied, conflicts, policyConflicts };
}

/** Chooses packages for a situation. */
export function choosePackages(
  input: Pick<PackageInput, 'labels' | 'world' | 'pins'>,
  situation: PackageSituation,
): PackageChoice {
  const { labels, world } = input;
  const { type, wants, policy, applied } = situation;
  const refuse = (explain: (want: PackageWant) => PlanProblem): PackageChoice => ({
    ...{ resolution: emptyAnswer, asked: [], unindexed: [], view: null, requests: [] },
    problems: uniqueByName(wants.map(explain)),
  });
  if (type === null || applied.length === 0)
    return refuse((want) => noSourceProblem(want, world, labels));
  if (policy.version === 'auto' && !supportsAuto(labels))
    return refuse((want) => unsupportedProblem(want, labels));
  const view = world.view(applied, labels);
  const unindexed = unindexedPackages(wants, applied, view);
  const elsewhere = new Set(unindexed.map(({ name }) => name));
  const indexed = wants.filter(({ name }) => !elsewhere.has(name));
  const answer = resolvePinned({ ...input, ...situation, wants: indexed, view });
  const { resolution, asked, requests } = answer;
  const unserved = new Set(resolution.unresolved);
  const problems = asked
    .filter(({ name }) => unserved.has(name))
    .map((want) => unservedProblem(want, { resolution, view, applied }));
  return {
    ...{ resolution, asked, unindexed, view, requests },
    problems: uniqueByName([...answer.problems, ...problems]),
  };
}

/** As `plannedPackages` tells it, without the chains. */
function ownedPackages(
  { resolution, asked, unindexed }: PackageChoice,
  auto: boolean,
): OwnedPackages {
  const { listed } = resolution;
  const specs = owningSpecs(resolution, asked);
  const packages = auto ? listed.map(({ key }) => ({ key, version: null })) : listed;
  if (unindexed.length === 0) return { packages, specs };
  const places = [...listed, ...unindexed].map(({ name, arch }, place) => ({ name, arch, place }));
  const order = places.sort(comparePackages).map(({ place }) => place);
  const others = unindexed.map(({ name, arch, version }) => ({ key: `${name}:${arch}`, version }));
  const owners = [...specs, ...unindexed.map(({ reason }) => reason.spec)];
  const all = [...packages, ...others];
  return {
    packages: order.flatMap((place) => all[place] ?? []),
    specs: order.map((place) => owners[place] ?? null),
  };
}

function wantView({ name, arch, version, recommended, verify, reason }: PackageWant) {
  return {
    name,
    ...(arch !== undefined && { arch }),
    ...(version !== undefined && { version }),
    ...(recommended !== undefined && { recommended }),
    ...(!verify && { verify }),
    spec: reason.spec,
    packets: [...reason.packets],
  };
}

function uniqueByName(problems: readonly PlanProblem[]): PlanProblem[] {
  return [...new Map(problems.map((one) => [one.name, one])).values()];
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
