import type { PackageType } from '../../../proto/package-line.ts';
import type { RelationKind } from './universe.ts';

/** How alternatives are chosen: apt's classic depth-first walk, apt 3's unit-first search, dnf's and zypper's. */
export type Policy = 'apt' | 'apt3' | 'rpm';

/** A package that somebody asks for. */
export interface Want {
  name: string;
  /** In the package manager's words; absent: the best of the view's architectures. */
  arch?: string;
  /** A range as in a spec (`>=1.2 <2`, `1.22.*`, an exact version), in the family's order of versions. */
  version?: string;
  /** Overrides what the request and the source say. */
  recommended?: boolean;
}

/** A package that is installed already. Relations that the view does not know of are taken from `relations`. */
export interface Installed {
  name: string;
  version: string;
  arch: string;
  /** Installed as a prerequisite only. */
  auto: boolean;
  hold?: boolean;
  essential?: boolean;
  /** rpm: its relations, where the device tells them. */
  relations?: Partial<Record<RelationKind, string>>;
}

/** What is asked of a view. */
export interface Request {
  wants: readonly Want[];
  policy: Policy;
  /** Follow Recommends (weak dependencies of rpm); overrides sources; null: as each source says. */
  recommends: boolean | null;
  /** Essential packages of the view belong to the request. */
  essential: boolean;
  installed: readonly Installed[];
  /** Versions that are decided: of `name` or `name:arch`. A locked version that the view lacks makes a problem. */
  locked: ReadonlyMap<string, string>;
  /** False: wanted names only, no prerequisites. */
  prerequisites: boolean;
  /** Whether an installed package may get a lower version, and whether it may be removed to satisfy the wants. */
  downgrade: boolean;
  remove: boolean;
  /** What may be upgraded beyond what the wants need: nothing, or everything installed. */
  upgrade: 'needed' | 'all';
  /** Installed packages that have to go, whatever `remove` says; what needs them goes too. Absent: none. */
  removals?: readonly Removal[];
  /** False: nothing comes that is neither installed nor wanted, as in `apt-get upgrade`. Absent: true. */
  additions?: boolean;
  /** False: of the installed packages only those marked `auto` may be removed. Absent: as `remove` says. */
  removeManual?: boolean;
}

/**
 * A package that has to go, or must not come; without `arch`: the one of the first architecture that knows the name,
 * installed or not.
 */
export interface Removal {
  name: string;
  arch?: string;
}

/** Why a package is in an answer. */
export type PackageReason =
  | { kind: 'wanted' }
  | { kind: 'essential' }
  | { kind: 'installed' }
  /** `by` needs it; `relation` is the text, as in the index; `relationKind` says how. */
  | {
      kind: 'needed';
      by: string;
      relationKind: 'preDepends' | 'depends' | 'recommends' | 'supplements';
      relation: string;
    };

export interface ResolvedPackage {
  name: string;
  version: string;
  arch: string;
  type: PackageType;
  /** The id of the source in the view. */
  source: string;
  /** No want names it. */
  auto: boolean;
  reason: PackageReason;
  size: number;
  installedSize: number;
  location: string;
  checksum: string;
}

/** A want that cannot be met, with the smallest set of facts that say why, as sentences, and what may help. */
export interface ResolveProblem {
  name: string;
  sentences: string[];
  hint: string | null;
}

/** The answer. It is closed and free of conflicts: checked by the validator. */
export interface Resolution {
  /** To be installed or upgraded, wants included; sorted by name, then architecture. */
  packages: ResolvedPackage[];
  /** Installed packages that have to go. */
  removed: { name: string; version: string; arch: string }[];
  /** Wanted names that were left out, sorted; the fewest that let the rest be met. */
  unresolved: string[];
  problems: ResolveProblem[];
  /** rpm: paths that were asked for and that no index lists so far; the repositories' lists of files may. */
  unownedPaths?: string[];
}
