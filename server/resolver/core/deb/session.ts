import { compareVersions } from '../../../../proto/version.ts';
import type { Installed, Request } from '../resolution.ts';
import { createUniverseBuilder } from '../universe-builder.ts';
import { createView, INSTALLED_SOURCE, type View } from '../view.ts';
import { type BareTables, createBareTables } from './bare/answer-bare.ts';
import { createDescribe, type Description } from './description.ts';
import { createGroups, type Groups } from './groups.ts';
import { createPool, type InstalledState, type Pool } from './pool.ts';
import { parseDebRange } from './range.ts';
import { createSatisfaction } from './satisfy.ts';
import { findWanted, type Wanted } from './wanted.ts';

/** What a request means on a view: its packages, what each want stands for, and the versions that are decided. */
export interface Session {
  pool: Pool;
  groups: Groups;
  /** Null where something is installed. */
  bare: BareTables | null;
  request: Request;
  wanted: readonly Wanted[];
  /** Packages that the request removes, or forbids where they are not installed. */
  removals: readonly number[];
  /** Versions that locks and wants decide, by package. */
  candidates: ReadonlyMap<number, number>;
  /** Locked names whose version the view lacks, with the version. */
  missingLocks: ReadonlyMap<string, string>;
  /** Essential packages that belong to the request. */
  essential: readonly number[];
  follow(version: number): boolean;
  describe(version: number): Description;
}

/** What apt marks before all else, each once: wants in the order of the request, then essential packages. */
export function markedFirst({ wanted, essential }: Session): number[] {
  const asked = wanted.flatMap((one) => (one.kind === 'found' ? [one.pkg] : []));
  return [...new Set([...asked, ...essential])];
}

/** Reads a request against a view. Without anything installed, packages and relations are those kept with the view. */
export function openSession(base: View, request: Request): Session {
  const view = request.installed.length === 0 ? base : withInstalled(base, request.installed);
  const { pool, groups, bare, describe } = partsOf(view, request);
  const { candidates, missingLocks } = lockedVersions(pool, request.locked);
  const candidateOf = (pkg: number): number => candidates.get(pkg) ?? pool.candidate(pkg);
  const wanted = request.wants.map((want) =>
    findWanted(
      { pool, groups },
      want,
      parseDebRange(want.version ?? '*'),
      candidateOf,
      request.downgrade,
    ),
  );
  for (const one of wanted)
    if (one.kind === 'found' && one.want.version !== undefined)
      candidates.set(one.pkg, one.version);
  return {
    ...{ pool, groups, bare, describe, request, wanted, candidates, missingLocks },
    removals: (request.removals ?? []).flatMap(({ name, arch }) =>
      pool
        .group(name)
        .filter((pkg) => arch === undefined || pool.arch(pkg) === arch)
        .slice(0, 1),
    ),
    essential: request.essential ? essentialOf(pool) : [],
    follow: followRecommends(pool, request, wanted),
  };
}

/** What is installed and no source offers becomes a source of its own: then every version is one of the view. */
function withInstalled(view: View, installed: readonly Installed[]): View {
  if (view.sources.some(({ id }) => id === INSTALLED_SOURCE)) return view;
  const builder = createUniverseBuilder('deb');
  const has = (one: Installed): boolean =>
    view
      .named(one.name)
      .some((id) => view.version(id) === one.version && view.arch(id) === one.arch);
  for (const one of installed)
    if (!has(one)) builder.add({ relations: {}, ...one, essential: one.essential ?? false });
  const source = {
    ...{ id: INSTALLED_SOURCE, universes: [builder.build()], priority: 100 },
    ...{ recommended: false, essential: false, include: [], exclude: [] },
    ...{ onlyIndependent: false, notAutomatic: false, butAutomaticUpgrades: false },
  };
  return createView({ ...view, sources: [...view.sources, source] });
}

function partsOf(
  view: View,
  request: Request,
): Pick<Session, 'pool' | 'groups' | 'bare' | 'describe'> {
  const isBare = request.installed.length === 0;
  const make = () => {
    const pool = createPool({
      view,
      installed: installedStates(view, request.installed),
      priorityOf: view.priority,
      downgrade: request.downgrade,
    });
    const satisfaction = createSatisfaction(pool);
    const describe = createDescribe(view);
    return {
      ...{ pool, describe, groups: createGroups(pool, satisfaction) },
      bare: isBare ? createBareTables(pool, satisfaction, describe) : null,
    };
  };
  return isBare ? view.memo('deb.parts', make) : make();
}

function installedStates(
  view: View,
  installed: readonly Installed[],
): ReadonlyMap<string, InstalledState> {
  const native = view.archs[0] ?? '';
  return new Map(
    installed.map(({ name, version, arch, hold }) => [
      `${name}:${arch === 'all' ? native : arch}`,
      { version, hold: hold ?? false },
    ]),
  );
}

/** Locks by `name` hold for every architecture that has the version. */
function lockedVersions(pool: Pool, locked: ReadonlyMap<string, string>) {
  const candidates = new Map<number, number>();
  const missingLocks = new Map<string, string>();
  for (const [key, version] of locked) {
    const [name = '', arch] = key.split(':');
    const packages = pool
      .group(name)
      .filter((pkg) => arch === undefined || arch === 'all' || pool.arch(pkg) === arch);
    const found = packages.flatMap((pkg) => {
      const id = pool
        .versions(pkg)
        .find((one) => compareVersions(pool.view.version(one), version) === 0);
      return id === undefined ? [] : [[pkg, id] as const];
    });
    for (const [pkg, id] of found) candidates.set(pkg, id);
    if (found.length === 0) missingLocks.set(key, version);
  }
  return { candidates, missingLocks };
}

/**
 * Essential packages of the native architecture, of sources whose essential ones count; one that is installed for another
 * architecture is there already.
 */
export function essentialOf(pool: Pool): readonly number[] {
  const { view } = pool;
  const names = view.memo('deb.essential', () => [
    ...new Set(
      view
        .all()
        .filter((id) => view.universe(id).essential(view.index(id)) && view.source(id).essential)
        .map(view.name),
    ),
  ]);
  return names.flatMap((name) => {
    const pkg = pool.find(name, pool.native);
    const isElsewhere = pool.group(name).some((one) => one !== pkg && pool.current(one) !== 0);
    return pkg < 0 || isElsewhere || pool.candidate(pkg) === 0 ? [] : [pkg];
  });
}

/** What the want says goes before what the request says, and that before what the source says. */
function followRecommends(
  pool: Pool,
  { recommends }: Request,
  wanted: readonly Wanted[],
): (version: number) => boolean {
  const own = new Map<number, boolean>();
  for (const one of wanted)
    if (one.kind === 'found' && one.want.recommended !== undefined)
      own.set(one.pkg, one.want.recommended);
  return (version) =>
    own.get(pool.packageOf(version)) ?? recommends ?? pool.view.source(version).recommended;
}
