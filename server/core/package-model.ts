import type { PlanProblem } from '../../proto/api.ts';
import type { DesiredSource, PackagePolicy } from '../../proto/desired-source.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Lock } from '../../proto/lock.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { MergedPackages, PlannedPackage } from '../../proto/package-views.ts';
import type { Source } from '../../proto/source.ts';
import type { Answer } from '../resolver/core/answer.ts';
import type { Request } from '../resolver/core/resolution.ts';
import type { SharedText } from '../resolver/core/view-package.ts';

/** A source as it takes part in planning. */
export type SourceEntry = Source & { revision: number };

/** How a source stands to a device. */
export interface SourceVerdict {
  /** System and target are met, and so is the architecture or there are packages for any. */
  applies: boolean;
  /** The packages of the source are of this type; null: of a kind that nobody knows. */
  type: PackageType | null;
  /** The device's architectures that the source has, in the repository's words, the native one first. */
  archs: readonly string[];
  /** The device's own architecture, in the repository's words; '' if it has none. */
  native: string;
  /** Everything but the architecture is met: only packages for any architecture count. */
  archMissing: boolean;
  /** Why it does not apply, each as the rest of a sentence that begins with "it". */
  unmet: readonly string[];
}

/** A source that applies to a device. */
export interface AppliedSource {
  source: SourceEntry;
  verdict: SourceVerdict;
}

/** What devices with equal sources and architectures can install from; equal ones are one object. */
export interface PackageView {
  /** Tells views apart; part of the keys of caches. */
  readonly id: string;
  readonly type: PackageType;
  /** Digests of the indexes that are in it. */
  readonly indexes: readonly string[];
  /** Sources that apply and whose index is not loaded yet. */
  readonly missing: readonly string[];
  /** True if some package has the name or provides it. */
  has(name: string): boolean;
  /** What is offered under a name, the best first. */
  versions(name: string): readonly OfferedPackage[];
  /** Names of packages that provide a name, sorted. */
  providers(name: string): readonly string[];
  /** Names of packages that hold a text, sorted; at most `limit`. */
  search(text: string, limit: number): readonly string[];
  /** The native architecture in the package manager's words. */
  readonly arch: string;
}

export interface OfferedPackage {
  name: string;
  version: string;
  arch: string;
  source: string;
  /** The pin that decides between versions. */
  priority: number;
  /** Why it does not count, as a clause; null if it does. */
  barred: string | null;
  /** The first line of the description. */
  summary: string;
}

/** A lock as it is stored: shared by all that resolve alike. */
export interface LockText {
  digest: string;
  /** Canonical JSON; long, so better asked for than kept. */
  text(): string;
  /** What the text is joined from. */
  parts(): LockTextParts;
  count: number;
}

/** A lock with the packages as they stand in its text. */
export interface LockTextParts extends Pick<Lock, 'type' | 'keep'> {
  /** Canonical JSON of each package, in the order of the lock. Equal ones are mostly one object. */
  lines: readonly SharedText[];
}

/** Sources of a device; `digest` is equal exactly if they are. */
export interface DesiredSources {
  list: readonly DesiredSource[];
  digest: string;
}

/** What planning knows of sources and their packages. */
export interface PackageWorld {
  /** Sorted by id. */
  readonly sources: readonly SourceEntry[];
  /** False: no prerequisites are added on this server. */
  readonly resolver: boolean;
  verdict(source: SourceEntry, labels: Labels): SourceVerdict;
  /** The type of a source's packages, and all architectures that it is read for. */
  whole(source: SourceEntry): Pick<SourceVerdict, 'type' | 'archs'>;
  /** The view of sources that apply, all of one type, in order of precedence. */
  view(sources: readonly AppliedSource[], labels: Labels): PackageView;
  /** Equal questions have the same object as answer, as long as it is remembered. */
  resolve(view: PackageView, request: Request): Answer;
  /** How the answer comes about, a line per step. */
  trace(view: PackageView, request: Request): string[];
  /** `sha256:` and 64 hexadecimal digits of the UTF-8 form of a text. */
  digest(text: string): string;
  /** What follows from an object and a text alone; made once as long as the object lives. */
  remember<Value>(about: object, key: string, make: () => Value): Value;
  /** The sources as the device's package manager gets them. */
  desired(sources: readonly AppliedSource[], labels: Labels): DesiredSources;
}

/** A package by `name:arch` in a version; null: the device picks. Equal ones are mostly one object. */
export interface ChosenPackage {
  readonly key: string;
  readonly version: string | null;
}

/** The packages of a plan, and for each the spec that it is there for; null: nobody asks for it. */
export interface OwnedPackages {
  packages: readonly ChosenPackage[];
  specs: readonly (string | null)[];
}

/** The packages of one labelset. */
export interface PackagePlan {
  lock: LockText;
  /** Those of the lock, with their reasons, in its order. Worked out when asked for. */
  packages(): readonly PlannedPackage[];
  /** The same packages and order; much cheaper. */
  owned(): OwnedPackages;
  /** The sources that the packages come from, and those that could not be read yet. */
  sourceIds: readonly string[];
  sources: DesiredSources;
  policy: PackagePolicy;
  /** Sorted by name: packages that cannot be served, and what the specs contradict each other in. */
  problems: readonly PlanProblem[];
  view: PackageView | null;
  spec: MergedPackages;
}
