import type { Plain } from './relation.ts';

/** Which packages a job is about. */
export type Selection =
  /** By name only, within a range of versions. */
  | { kind: 'name'; relation: Plain; arch?: string }
  /** Everything that meets the relation. */
  | { kind: 'provides'; relation: Plain; arch?: string }
  | { kind: 'packages'; ids: readonly number[] }
  | { kind: 'source'; id: string }
  | { kind: 'all' };

export const jobActions = [
  'install',
  'erase',
  'update',
  'distupgrade',
  'lock',
  'favor',
  'disfavor',
  'blacklist',
  'excludefromweak',
  'allowuninstall',
  'userinstalled',
  'multiversion',
  'droporphaned',
  'verify',
] as const;
export type JobAction = (typeof jobActions)[number];

/** One thing asked of the solver. */
export interface Job {
  action: JobAction;
  selection: Selection;
  /** The best version there is, or none. */
  best?: boolean;
  /** Given up where it cannot be. */
  weak?: boolean;
  /** What it makes superfluous goes too. */
  cleandeps?: boolean;
  /** Of update and distupgrade: the selection is what to go to, not what to go from. Absent: if nothing of it is installed. */
  targeted?: boolean;
  /** The selection names versions or architectures, so that rules of thumb about these do not bind it. */
  setsVersion?: boolean;
  setsArch?: boolean;
}

/** How the solver goes about it. */
export interface Settings {
  /** Installed packages may get a lower version, or another architecture; the same where a distribution is upgraded. */
  allowDowngrade: boolean;
  allowArchChange: boolean;
  dupAllowDowngrade: boolean;
  dupAllowArchChange: boolean;
  /** Installed packages may be replaced by what obsoletes them. */
  allowNameChange: boolean;
  dupAllowNameChange: boolean;
  /** A package for a lesser architecture is as good as one for the best. */
  anyArch: boolean;
  /** A job that names a version is met by a lower one too, whatever is installed. */
  obeysVersions: boolean;
  /** Installed packages may go so that jobs can be done. */
  allowUninstall: boolean;
  /** An upgrade of the distribution holds on to what no source has. */
  keepOrphans: boolean;
  /** Packages of sources with a lower priority do not count where a higher one has the name. */
  strictPriority: boolean;
  /** Packages of one name may stand side by side if they are for different word sizes and of the same version. */
  multilib: boolean;
  /** All packages that obsolete an installed one by the same relation come together. */
  splitObsoletes: boolean;
  /** Packages that stand beside other versions of theirs still replace what they obsolete. */
  obsoletesBeside: boolean;
  /** What is decided first: that installed packages stay, or what new packages need; and of that the best, installed or not. */
  focus: 'installed' | 'new' | 'best';
  /** Updates and upgrades find out by themselves whether their selection is a target. */
  autoTarget: boolean;
  /** Weak dependencies also of packages that were installed before. */
  recommendsOfInstalled: boolean;
  /** An unmet weak dependency is reason to choose otherwise. */
  strongRecommends: boolean;
  /** False: packages come without what they need. */
  prerequisites: boolean;
  /** Whether weak dependencies of a package are followed. */
  follows: (id: number) => boolean;
}

export const defaultSettings: Settings = {
  allowDowngrade: false,
  allowArchChange: false,
  dupAllowDowngrade: true,
  dupAllowArchChange: true,
  allowNameChange: true,
  dupAllowNameChange: true,
  anyArch: false,
  obeysVersions: true,
  allowUninstall: false,
  keepOrphans: false,
  strictPriority: false,
  multilib: false,
  splitObsoletes: false,
  obsoletesBeside: false,
  focus: 'installed',
  autoTarget: true,
  recommendsOfInstalled: false,
  strongRecommends: false,
  prerequisites: true,
  follows: () => true,
};
