import type { Impact, PacketRef, PlanProblem } from './api.ts';
import type { Labels } from './labels.ts';
import type { PackageType, PackageWish } from './package-line.ts';

/** Shapes of the HTTP API that are about packages and the locks of specs. */

/** A package that a device gets, and why. */
export interface PlannedPackage {
  name: string;
  /** Null: the device's package manager picks it. */
  version: string | null;
  arch: string;
  type: PackageType;
  /** The id of the source; null where the device's package manager decides. */
  source: string | null;
  /** A prerequisite: no spec and no packet names it. */
  auto: boolean;
  /** Bytes of the package's file, and of what it holds. */
  size: number;
  installedSize: number;
  reason: PackageReasonView;
}

/** The chain from a package to the spec that it is there for. */
export interface PackageReasonView {
  /** Null: nobody asks for it, it is essential to the system. */
  spec: string | null;
  revision: number | null;
  /** Packets, from the app down, where a packet asks for packages. */
  packets: string[];
  /** Packages, from the wanted one down to the one that needs this one; empty for a wanted one. */
  neededBy: string[];
  /** What the last of them says of its need, as in the index: `depends`, `libc6 (>= 2.14)`. */
  relation: { kind: string; text: string } | null;
}

/** What specs and packets ask of a device's package manager, merged. */
export interface MergedPackages {
  /** `packets`: the packets, from the app down, that need it; empty for a spec's own line. */
  wants: (PackageWish & { spec: string; packets: string[] })[];
  policy: {
    resolver: boolean;
    version: 'locked' | 'auto';
    recommended: boolean | null;
    downgrade: boolean;
    unmanaged: 'keep' | 'remove';
  };
}

/** What changes among the packages of a device, sorted by name. */
export interface PackagesChange {
  installs: PackageRef[];
  /** Other versions; also lower ones where the type of the packages, and with it the order, is not known. */
  upgrades: { from: PackageRef; to: PackageRef }[];
  /** Lower versions; absent: none. */
  downgrades?: { from: PackageRef; to: PackageRef }[];
  removals: PackageRef[];
}

export interface PackageRef {
  name: string;
  version: string | null;
  arch: string;
}

/** Whether a source serves the device. */
export interface SourceExplanation {
  id: string;
  revision: number;
  type: string;
  applies: boolean;
  /** The device's architectures that it has, in the repository's words. */
  archs: string[];
  /** What keeps it from the device, or from counting in full; each the rest of a sentence that begins with "it". */
  unmet: string[];
}

/** What a spec chose for devices whose labels, reduced to the keys of the lock, are these. */
export interface SpecLockRow {
  labels: Labels;
  /** Devices that the row serves now. */
  devices: number;
  /** By name. */
  packets: Record<string, PacketRef>;
  packages: PackageRef[];
}

/** The answer of `GET specs/{id}/lock`. */
export interface SpecLockView {
  spec: string;
  /** Grows with each lock of the spec; 0: none was made yet. */
  revision: number;
  /** The revision of the spec that it was made for. */
  specRevision: number;
  digest: string;
  at: string | null;
  author: string;
  cause: LockCause;
  updates: 'auto' | 'manual';
  keys: string[];
  rows: SpecLockRow[];
}

/**
 * `planned`: for devices or a spec that had none; `renewed`: after an upload or a refresh; `promoted`: a person took an
 * update; `returned`: the spec went back to an earlier revision, or a person took an earlier lock; `held`: what devices had when
 * the next update was found to remove too much.
 */
export type LockCause = 'planned' | 'renewed' | 'promoted' | 'returned' | 'held';

/** One lock of a spec's history. */
export interface SpecLockEntry {
  spec: string;
  revision: number;
  specRevision: number;
  digest: string;
  at: string;
  author: string;
  cause: LockCause;
  rows: number;
}

/** The answer of `GET specs/{id}/lock/diff`: the rows that two locks do not have alike. */
export interface SpecLockDiff {
  spec: string;
  from: SpecLockEntry;
  to: SpecLockEntry;
  rows: SpecLockDiffRow[];
}

export interface SpecLockDiffRow extends Omit<SpecUpdateRow, 'problems'> {
  /** Which lock has a row for such devices: only the later one, only the earlier one, or both. */
  change: 'added' | 'removed' | 'changed';
}

/**
 * A spec takes updates by itself, but the next one would take packets or packages without a successor from too many devices,
 * or leave one with nothing: its lock stays until a person takes the update, or it removes less.
 */
export interface RenewalHold {
  spec: string;
  /** Of the spec. */
  revision: number;
  at: string;
  /** When it was held: what would have gone, from how many devices, and how many would have had nothing. */
  removals: number;
  devicesLosing: number;
  devicesEmptied: number;
}

/** The answer of `GET holds`. */
export interface RenewalHolds {
  items: RenewalHold[];
  next: null;
}

/** The answer of `GET specs/{id}/updates`: what a fresh plan would choose otherwise than the lock. */
export interface SpecUpdatesView {
  spec: string;
  updates: 'auto' | 'manual';
  /** The digest of the present lock and of the proposed one; equal: there is nothing to promote. */
  lock: string;
  proposed: string;
  /** Null: nothing is held. */
  held: RenewalHold | null;
  rows: SpecUpdateRow[];
  impact: Impact;
}

/** The differences for the devices of a row of the lock. */
export interface SpecUpdateRow {
  labels: Labels;
  devices: number;
  packets: { name: string; from: PacketRef | null; to: PacketRef | null }[];
  packages: PackagesChange;
  problems: PlanProblem[];
}

/** Body of `POST resolve`: for a device, or for labels as if a device had them. */
export interface ResolveRequest {
  device?: string;
  labels?: Labels;
  /** Packages asked for; absent: all that the specs want. */
  names?: string[];
  /** With the steps of the resolver. */
  debug?: boolean;
}

/** The answer of `POST resolve`. */
export interface ResolveAnswer {
  type: PackageType | null;
  sources: SourceExplanation[];
  /** What was asked for. */
  wants: { name: string; version: string | null; arch: string | null }[];
  packages: PlannedPackage[];
  removed: PackageRef[];
  unresolved: string[];
  problems: { code: string; name: string; sentences: string[]; hint: string | null }[];
  /** How the answer came about, a line per step; empty unless asked for. */
  trace: string[];
}

/** The answer of `GET packages`: what sources offer. */
export interface PackageOffer {
  name: string;
  version: string;
  arch: string;
  source: string;
  priority: number;
  summary: string;
  /** It would be installed. */
  chosen: boolean;
  /** Why it would not, as a clause. */
  why: string | null;
}
