import type { InstalledPackage } from '../../../proto/lock.ts';

/** A package as the device's package database has it. */
export interface PresentPackage extends InstalledPackage {
  /** Essential, protected, or what the system cannot do without: never removed. */
  protected: boolean;
  /** Installation was begun and has not come to its end. */
  broken: boolean;
  installedBytes: number;
  /** Names that it needs, of packages or of what packages provide; of alternatives all. */
  needs: readonly string[];
  /** Names that it provides besides its own. */
  provides: readonly string[];
}

/** Architectures that stand for any. */
const ANY: readonly string[] = ['all', 'noarch'];

/** Whether two packages take each other's place: one name, and one architecture or any. */
export function isSamePlace(
  one: { name: string; arch: string },
  other: { name: string; arch: string },
): boolean {
  if (one.name !== other.name) return false;
  return one.arch === other.arch || ANY.includes(one.arch) || ANY.includes(other.arch);
}

/** Whether two versions are the same; an rpm's epoch of 0 may be written or not. */
export function isSameVersion(one: string, other: string): boolean {
  return one === other || withoutZeroEpoch(one) === withoutZeroEpoch(other);
}

export const withoutZeroEpoch = (version: string): string => version.replace(/^0:/, '');

/** Without what only the device itself needs to know. */
export function installedOf({ name, version, arch, auto, hold }: PresentPackage): InstalledPackage {
  return { name, version, arch, auto, ...(hold && { hold }) };
}
