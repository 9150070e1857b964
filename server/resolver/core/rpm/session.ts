import type { Installed, Request, Want } from '../resolution.ts';
import { type PackageRecord, type RelationKind, relationKinds } from '../universe.ts';
import { INSTALLED_SOURCE, type View } from '../view.ts';
import { rpmFlavour } from './flavour.ts';
import { defaultSettings, type Job, type Settings } from './job.ts';
import { createPool, type Pool } from './pool.ts';
import { parseRpmRange } from './range.ts';
import { obsoletersOf, obsoletes } from './updates.ts';

/** What a want stands for: packages of the pool, or none. */
export interface RpmWant {
  want: Want;
  ids: readonly number[];
}

/** A request in the solver's words. */
export interface RpmSession {
  pool: Pool;
  request: Request;
  wants: readonly RpmWant[];
  /** Those of wants come first, one for each that means something. */
  jobs: readonly Job[];
  /** The want of each job that has one. */
  wantOf: ReadonlyMap<number, RpmWant>;
  settings: Settings;
  refuse: (id: number) => boolean;
  /** Names whose locked version neither the sources nor the device have, with the version. */
  missingLocks: ReadonlyMap<string, string>;
}

/** Reads a request against a view. Without anything installed, what is worked out is kept with the view. */
export function openRpmSession(view: View, request: Request): RpmSession {
  const make = (): Pool =>
    createPool({
      view,
      flavour: rpmFlavour,
      installed: request.installed.map((one) => recordOf(view, one)),
      archs: view.archs,
      hiddenSource: INSTALLED_SOURCE,
    });
  const pool = request.installed.length === 0 ? view.memo('rpm-pool', make) : make();
  const wants = request.wants.map((want) => ({ want, ids: meant(pool, want) }));
  const known = wants.filter(({ ids }) => ids.length > 0);
  const locks = locksOf(pool, request.locked);
  return {
    pool,
    request,
    wants,
    wantOf: new Map(known.map((want, job) => [job, want])),
    jobs: [...known.map(installJob), ...furtherJobs(pool, request)],
    settings: settingsOf(pool, request, known),
    refuse: (id) => locks.forbids(id) || isUninvited(pool, request, known, id),
    missingLocks: locks.missing,
  };
}

/** What the device has; its relations are those that a source tells of the very package. */
function recordOf(view: View, { name, version, arch, relations: told }: Installed): PackageRecord {
  if (told !== undefined) return { name, version, arch, relations: told };
  const id = view
    .named(name)
    .find((one) => view.version(one) === version && view.arch(one) === arch);
  const own = `${name} = ${version}`;
  if (id === undefined) return { name, version, arch, relations: { provides: own } };
  const relations: Partial<Record<RelationKind, string>> = {};
  for (const kind of relationKinds) {
    const text = view.relation(id, kind);
    if (text !== '') relations[kind] = text;
  }
  relations.provides ??= own;
  return { name, version, arch, relations, files: view.universe(id).files(view.index(id)) };
}

/** Packages of the name, or else what provides it (a capability or a file), within what the want says. */
function meant(pool: Pool, { name, arch, version }: Want): number[] {
  const inRange = version === undefined ? () => true : parseRpmRange(version);
  const isMeant = (id: number): boolean =>
    (pool.isInstalled(id) || pool.archRank(id) !== null) &&
    (arch === undefined || pool.arch(id) === arch) &&
    inRange(pool.version(id));
  const named = pool.named(name);
  if (named.length > 0) return version === undefined ? orRenamed(named) : named.filter(isMeant);
  return pool.providers({ kind: 'plain', name, comparison: null, evr: null }).filter(isMeant);

  /** What obsoletes packages of the name goes by it too. */
  function orRenamed(ids: readonly number[]): number[] {
    const offered = ids.filter((id) => !pool.isInstalled(id));
    const obsoleters = offered.flatMap((id) => obsoletersOf(pool, id));
    const there = pool.installed.filter((id) => offered.some((one) => obsoletes(pool, id, one)));
    return [...new Set([...ids, ...obsoleters, ...there])].filter(isMeant).sort((a, b) => a - b);
  }
}

function installJob({ want, ids }: RpmWant): Job {
  return {
    action: 'install',
    selection: { kind: 'packages', ids },
    setsVersion: want.version !== undefined,
    setsArch: true,
  };
}

function furtherJobs(pool: Pool, request: Request): Job[] {
  const chosen = (ids: readonly number[], action: Job['action']): Job[] =>
    ids.length === 0 ? [] : [{ action, selection: { kind: 'packages', ids } }];
  const installedAs = (test: (one: Installed) => boolean): number[] =>
    request.installed.flatMap((one, index) => (test(one) ? (pool.installed[index] ?? []) : []));
  const removals = (request.removals ?? []).flatMap(({ name, arch }) =>
    firstArch(pool, pool.named(name), arch),
  );
  const held = installedAs(({ hold }) => hold === true).filter((id) => !removals.includes(id));
  const isLimited = request.remove && request.removeManual === false;
  return [
    ...(request.upgrade === 'all'
      ? ([{ action: 'update', selection: { kind: 'all' } }] as const)
      : []),
    ...chosen(standingBeside(pool), 'multiversion'),
    ...chosen(removals, 'erase'),
    ...chosen(held, 'lock'),
    ...(isLimited
      ? chosen(
          installedAs(({ auto }) => auto),
          'allowuninstall',
        )
      : []),
  ];
}

/** What dnf and zypper install beside older versions instead of in their place. */
const besideNames = ['kernel', 'kernel-PAE'];
const besideCapabilities = [
  'installonlypkg(kernel)',
  'installonlypkg(kernel-module)',
  'installonlypkg(vm)',
  'multiversion(kernel)',
];

/** Packages of which several versions may stand side by side. */
export function standingBeside(pool: Pool): number[] {
  const providing = besideCapabilities.flatMap((name) =>
    pool.providers({ kind: 'plain', name, comparison: null, evr: null }),
  );
  return [...new Set([...besideNames.flatMap(pool.named), ...providing])].sort((a, b) => a - b);
}

/** All versions of a name for one architecture: the one named, or the first that has the name, installed ones before. */
function firstArch(pool: Pool, ids: readonly number[], arch: string | undefined): number[] {
  const first = ids.find((id) => pool.isInstalled(id)) ?? ids[0];
  const chosen = arch ?? (first === undefined ? undefined : pool.arch(first));
  return ids.filter((id) => pool.arch(id) === chosen);
}

function settingsOf(pool: Pool, request: Request, wants: readonly RpmWant[]): Settings {
  const own = new Map<number, boolean>();
  for (const { want, ids } of wants)
    if (want.recommended !== undefined) for (const id of ids) own.set(id, want.recommended);
  return {
    ...defaultSettings,
    allowDowngrade: request.downgrade,
    obeysVersions: request.downgrade,
    allowUninstall: request.remove && request.removeManual !== false,
    keepOrphans: true,
    multilib: true,
    splitObsoletes: true,
    obsoletesBeside: true,
    prerequisites: request.prerequisites,
    follows: (id) =>
      own.get(id) ??
      request.recommends ??
      (pool.isInstalled(id) ? false : pool.view.source(id).recommended),
  };
}

/** Locks by `name` hold for every architecture, those by `name:arch` for one. */
function locksOf(pool: Pool, locked: ReadonlyMap<string, string>) {
  const missing = new Map<string, string>();
  for (const [key, version] of locked) {
    const [name = '', arch] = splitKey(key);
    const has = pool
      .named(name)
      .some((id) => isVersion(pool, id, version) && (arch === undefined || pool.arch(id) === arch));
    if (!has) missing.set(name, version);
  }
  return {
    missing,
    forbids: (id: number): boolean => {
      const name = pool.name(id);
      const version = locked.get(`${name}:${pool.arch(id)}`) ?? locked.get(name);
      return version !== undefined && !isVersion(pool, id, version);
    },
  };
}

const isVersion = (pool: Pool, id: number, version: string): boolean =>
  pool.flavour.compare(pool.version(id), version) === 0;

/** Names of rpm may have colons: only what follows the last one can be an architecture. */
function splitKey(key: string): [string, string | undefined] {
  const colon = key.lastIndexOf(':');
  const arch = key.slice(colon + 1);
  return colon > 0 && /^[a-z0-9_]+$/.test(arch) ? [key.slice(0, colon), arch] : [key, undefined];
}

/** Where nothing may come besides: what is neither installed nor wanted. */
function isUninvited(
  pool: Pool,
  { additions }: Request,
  wants: readonly RpmWant[],
  id: number,
): boolean {
  if (additions !== false || pool.isInstalled(id)) return false;
  const isThere = pool.named(pool.name(id)).some((other) => pool.isInstalled(other));
  return !isThere && !wants.some(({ ids }) => ids.includes(id));
}
