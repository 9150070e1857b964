import { compareVersions } from '../../../../proto/version.ts';
import { INSTALLED_SOURCE, type View } from '../view.ts';
import { createScratchShelf, type ScratchShelf } from './scratch.ts';

/**
 * Packages in apt's sense over a view: a name in an architecture, with its versions. Numbers of packages count from 0, in
 * the order in which they are first looked at; versions are the view's packages.
 */
export interface Pool {
  readonly view: View;
  readonly native: string;
  /** The view's architectures, and others that something installed is of. */
  readonly archs: readonly string[];
  /** More than one architecture: only then do qualifiers and Multi-Arch play a part. */
  readonly isMultiArch: boolean;
  readonly packageCount: number;
  /** The package of a name in an architecture, or -1. */
  find(name: string, arch: string): number;
  /** Packages of a name, in the order of the view's architectures. */
  group(name: string): readonly number[];
  name(pkg: number): string;
  arch(pkg: number): string;
  /** Versions, the highest first. */
  versions(pkg: number): readonly number[];
  packageOf(version: number): number;
  /** The installed version, 0 for none. */
  current(pkg: number): number;
  /** The version that apt would install: by priority, then the highest; 0 for none. */
  candidate(pkg: number): number;
  /** By version: 1 if it is its package's candidate. Holds for versions of packages that were looked at. */
  readonly usual: Uint8Array;
  /** apt's order of packages: the first mention of the name, then the architecture. */
  order(pkg: number): number;
  isHeld(pkg: number): boolean;
  /** Some version of it is; apt itself counts as such to apt. */
  isEssential(pkg: number): boolean;
  isProtected(pkg: number): boolean;
  /** No source has it: it is only installed. */
  isObsolete(version: number): boolean;
  /** Sorts packages by name, then architecture, as code units stand. */
  inNameOrder(packages: readonly number[]): number[];
  readonly scratch: ScratchShelf;
  /** Packages that are installed. */
  installed(): readonly number[];
}

/** What is installed, by `name:arch` (`all` under the native architecture). */
export interface InstalledState {
  version: string;
  hold: boolean;
}

interface Packages {
  names: string[];
  archs: string[];
  versions: number[][];
  current: number[];
  candidate: number[];
  order: number[];
  held: boolean[];
}

/**
 * Makes packages of a view, as they are looked at. `priorityOf` is the pin of a version; without `downgrade` no pin makes
 * the candidate of an installed package a lower version.
 */
export function createPool(options: {
  view: View;
  installed: ReadonlyMap<string, InstalledState>;
  priorityOf(version: number): number;
  downgrade: boolean;
}): Pool {
  const { view, installed } = options;
  const native = view.archs[0] ?? '';
  const archs = allArchs(view.archs, installed);
  const groups = new Map<string, number[]>();
  const packageOf = new Int32Array(view.count + 1).fill(-1);
  const usual = new Uint8Array(view.count + 1);
  const all: Packages = {
    ...{ names: [], archs: [], versions: [], current: [], candidate: [], order: [], held: [] },
  };

  function group(name: string): number[] {
    const known = groups.get(name);
    if (known) return known;
    const made: number[] = [];
    groups.set(name, made);
    const byArch = versionsByArch(view, name, native);
    if (byArch.size === 0) return made;
    const mention = view.mention(name) * 16;
    for (const [place, arch] of archs.entries()) {
      const versions = byArch.get(arch);
      if (versions) made.push(add(name, arch, versions, mention + Math.min(place, 15)));
    }
    return made;
  }

  function add(name: string, arch: string, versions: number[], order: number): number {
    const pkg = all.names.length;
    const state = installed.get(`${name}:${arch}`);
    const current = state ? (versions.find((id) => view.version(id) === state.version) ?? 0) : 0;
    all.names.push(name);
    all.archs.push(arch);
    all.versions.push(versions);
    all.current.push(current);
    const candidate = candidateOf(versions, current, options);
    all.candidate.push(candidate);
    if (candidate !== 0) usual[candidate] = 1;
    all.order.push(order);
    all.held.push(state?.hold ?? false);
    for (const version of versions) packageOf[version] = pkg;
    return pkg;
  }

  let present: readonly number[] | null = null;
  const find = (name: string, arch: string): number =>
    group(name).find((pkg) => all.archs[pkg] === arch) ?? -1;
  const flagged = (pkg: number, has: (version: number) => boolean): boolean =>
    (all.versions[pkg] ?? []).some(has);

  return {
    view,
    native,
    archs,
    isMultiArch: archs.length > 1,
    get packageCount() {
      return all.names.length;
    },
    find,
    group,
    name: (pkg) => all.names[pkg] ?? '',
    arch: (pkg) => all.archs[pkg] ?? '',
    versions: (pkg) => all.versions[pkg] ?? [],
    packageOf(version) {
      const known = packageOf[version] ?? -1;
      if (known >= 0) return known;
      group(view.name(version));
      return packageOf[version] ?? -1;
    },
    current: (pkg) => all.current[pkg] ?? 0,
    candidate: (pkg) => all.candidate[pkg] ?? 0,
    usual,
    order: (pkg) => all.order[pkg] ?? 0,
    isHeld: (pkg) => all.held[pkg] ?? false,
    isEssential: (pkg) =>
      all.names[pkg] === 'apt' || flagged(pkg, (id) => view.universe(id).essential(view.index(id))),
    isProtected: (pkg) => flagged(pkg, (id) => view.universe(id).protected(view.index(id))),
    isObsolete: (version) => view.source(version).id === INSTALLED_SOURCE,
    inNameOrder: (packages) =>
      [...packages].sort(
        (a, b) =>
          compareTexts(all.names[a] ?? '', all.names[b] ?? '') ||
          compareTexts(all.archs[a] ?? '', all.archs[b] ?? ''),
      ),
    scratch: createScratchShelf(view.count + 1),
    installed: () => {
      present ??= [...installed.keys()]
        .map((key) => {
          const colon = key.lastIndexOf(':');
          return find(key.slice(0, colon), key.slice(colon + 1));
        })
        .filter((pkg) => pkg >= 0 && (all.current[pkg] ?? 0) > 0);
      return present;
    },
  };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function allArchs(
  archs: readonly string[],
  installed: ReadonlyMap<string, InstalledState>,
): readonly string[] {
  const all = new Set(archs);
  for (const key of installed.keys()) all.add(key.slice(key.lastIndexOf(':') + 1));
  return [...all];
}

/** Versions of a name by architecture, the highest first; those for any architecture stand under the native one. */
function versionsByArch(view: View, name: string, native: string): Map<string, number[]> {
  const byArch = new Map<string, number[]>();
  for (const id of view.named(name)) {
    const arch = view.arch(id) === 'all' ? native : view.arch(id);
    const list = byArch.get(arch);
    if (list) list.push(id);
    else byArch.set(arch, [id]);
  }
  for (const list of byArch.values())
    if (list.length > 1)
      list.sort((a, b) => compareVersions(view.version(b), view.version(a)) || a - b);
  return byArch;
}

/** apt_preferences(5): a version below the installed one counts from priority 1000 on; below 1 none counts. */
function candidateOf(
  versions: readonly number[],
  current: number,
  { priorityOf, downgrade }: { priorityOf(version: number): number; downgrade: boolean },
): number {
  let best = 0;
  let bestPriority = 0;
  let isBelow = false;
  for (const version of versions) {
    if (version === current) isBelow = true;
    const own = priorityOf(version);
    const priority = version === current ? Math.max(own, 100) : own;
    const mayGoDown = !isBelow || version === current || (priority >= 1000 && downgrade);
    if (mayGoDown && priority > bestPriority) {
      best = version;
      bestPriority = priority;
    }
  }
  return best;
}
