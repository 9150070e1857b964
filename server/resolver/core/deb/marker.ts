import { createDependents, type Dependents } from './dependents.ts';
import { installWithDependencies } from './mark-install.ts';
import type { Marks, Mode } from './marks.ts';
import { isBroken } from './marks.ts';

/** What the request allows of packages that it does not name. */
export interface Limits {
  mayRemove(pkg: number): boolean;
  mayAdd(pkg: number): boolean;
}

/** apt's marks: each says whether it could be done. `byUser`: the request names the package, which overrides protection. */
export interface Marker {
  readonly marks: Marks;
  readonly limits: Limits;
  readonly dependents: Dependents;
  /** Takes the candidate; with `auto` its dependencies too, depth first. */
  install(pkg: number, options?: Partial<InstallOptions>): boolean;
  keep(pkg: number, byUser?: boolean): boolean;
  remove(pkg: number, byUser?: boolean): boolean;
  /** Whether the mode may be changed: not if it is protected, held, or an essential one to be removed. */
  mayChange(pkg: number, mode: Mode, byUser: boolean): boolean;
  mayRemove(pkg: number, byUser: boolean): boolean;
}

export interface InstallOptions {
  auto: boolean;
  byUser: boolean;
  depth: number;
}

/** A marker over marks. */
export function createMarker(marks: Marks, limits: Limits): Marker {
  const { pool } = marks;
  const marker: Marker = {
    marks,
    limits,
    dependents: createDependents(marks),
    install: (pkg, { auto = false, byUser = false, depth = 0 } = {}) =>
      installWithDependencies(marker, pkg, { auto, byUser, depth }),
    keep(pkg, byUser = false) {
      if (!marker.mayChange(pkg, 'keep', byUser)) return false;
      if (marks.mode(pkg) !== 'keep') marks.setState(pkg, 'keep', pool.current(pkg));
      return true;
    },
    remove(pkg, byUser = false) {
      if (!marker.mayChange(pkg, 'delete', byUser)) return false;
      if (marks.mode(pkg) === 'delete' || marks.installed(pkg) === 0) return true;
      if (!marker.mayRemove(pkg, byUser)) return false;
      marks.setState(pkg, pool.current(pkg) === 0 ? 'keep' : 'delete', 0);
      return true;
    },
    mayChange(pkg, mode, byUser) {
      if (byUser || marks.mode(pkg) === mode) return true;
      if (marks.isProtected(pkg)) return false;
      if (mode !== 'keep' && pool.isHeld(pkg)) return false;
      return mode !== 'delete' || !(pool.isEssential(pkg) || pool.isProtected(pkg));
    },
    mayRemove(pkg, byUser) {
      if (byUser) return true;
      if (pool.current(pkg) === 0) return marks.installed(pkg) === 0 || marks.isAuto(pkg);
      return limits.mayRemove(pkg);
    },
  };
  return marker;
}

/** Whether anything that will be there lacks something. */
export function brokenPackages(marks: Marks): number[] {
  return marks.touched().filter((pkg) => isBroken(marks, pkg));
}
