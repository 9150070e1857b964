import { decideConfig } from './config-file.ts';
import { besideOf, joinPath } from './device-path.ts';
import { wrongEntries } from './difference.ts';
import { type DirectoryFacts, readDirectories } from './directories.ts';
import type { InstalledIndex, KeptFile } from './installed-index.ts';
import type { ManifestEntry } from './manifest.ts';
import type { Attributes, Operation, Touched } from './operation.ts';
import { type Disk, type DiskFact, isDirectory, type Placed } from './placed.ts';
import { isRepair, type Step } from './plan-steps.ts';

export interface TreeFacts {
  steps: readonly Step[];
  /** Everything that is installed now, and everything that shall be, changed or not. */
  before: readonly Placed[];
  after: readonly Placed[];
  index: InstalledIndex;
  disk: Disk;
  /** Whether owners are set: by root only. */
  owners: boolean;
}

/** Where the content of something staged comes from. */
export type Source =
  | { kind: 'packet'; packet: string; entry: ManifestEntry }
  | { kind: 'kept'; kept: KeptFile };

export interface PlannedOperation extends Operation {
  /** put: what is staged. */
  source: Source | null;
  /** A thing of nobody that gives way here and is kept; without its copy's name. */
  keeps: KeptFile | null;
}

export interface TreePlan {
  /** In the order in which they are done. */
  operations: PlannedOperation[];
  touched: Touched[];
  /** Paths of nobody's files that come back. */
  restored: ReadonlySet<string>;
  beside: InstalledIndex['beside'];
  /** Why it cannot be done, as sentences with the packet to blame. */
  obstacles: { packet: string; detail: string }[];
}

/** Within a step: what gives way to another kind of thing, what comes, what goes, directories that go, what comes back. */
type Rank = 0 | 1 | 2 | 3 | 4;
type Draft = Omit<PlannedOperation, 'n' | 'stage'> & { rank: Rank };

interface Planning extends TreeFacts {
  directories: DirectoryFacts;
  beforeFiles: ReadonlyMap<string, Placed>;
  afterFiles: ReadonlyMap<string, Placed>;
  kept: ReadonlyMap<string, KeptFile>;
  besideNow: ReadonlyMap<string, string>;
  stepOf: ReadonlyMap<string, number>;
  /** Of packets that are repaired, the paths in the packet that have to be put back. */
  repairs: ReadonlyMap<string, ReadonlySet<string>>;
  drafts: Map<string, Draft>;
  restored: Set<string>;
  beside: InstalledIndex['beside'];
  obstacles: TreePlan['obstacles'];
}

/**
 * The changes of paths that lead from what is installed to what shall be, in order, each in the step of the packet that
 * brings the path or, if none does, of the one that had it. Looks at nothing but its arguments.
 */
export function planTree(facts: TreeFacts): TreePlan {
  const planning = start(facts);
  for (const placed of planning.afterFiles.values()) planArrival(planning, placed);
  for (const placed of planning.beforeFiles.values()) planDeparture(planning, placed);
  for (const [path, packet] of planning.besideNow) planBesideDeparture(planning, path, packet);
  planDirectories(planning);
  const operations = inOrder(planning);
  return {
    operations,
    touched: planning.directories.touchedBy(operations),
    restored: planning.restored,
    beside: planning.beside,
    obstacles: planning.obstacles,
  };
}

function start(facts: TreeFacts): Planning {
  const files = (placed: readonly Placed[]): Map<string, Placed> =>
    new Map(placed.filter((item) => !isDirectory(item)).map((item) => [item.path, item]));
  const stepOf = new Map(facts.steps.map((step, index) => [step.name, index]));
  const repairs = repairsOf(facts);
  return {
    ...facts,
    directories: readDirectories(facts, stepOf),
    beforeFiles: files(facts.before),
    afterFiles: files(facts.after),
    kept: new Map(facts.index.kept.map((kept) => [kept.path, kept])),
    besideNow: new Map(facts.index.beside.map(({ path, packet }) => [path, packet])),
    stepOf,
    repairs,
    drafts: new Map(),
    restored: new Set(),
    beside: facts.index.beside.filter(({ packet }) => !stepOf.has(packet) || repairs.has(packet)),
    obstacles: [],
  };
}

function repairsOf({ steps, after, disk, owners }: TreeFacts): Planning['repairs'] {
  return new Map(
    steps.filter(isRepair).map(({ name }) => {
      const own = after.filter(({ packet }) => packet === name);
      return [name, wrongEntries(own, disk.at, owners)];
    }),
  );
}

function planArrival(planning: Planning, placed: Placed): void {
  const step = planning.stepOf.get(placed.packet);
  if (step === undefined) return;
  if (planning.repairs.get(placed.packet)?.has(placed.entry.path) === false) return;
  const source: Source = { kind: 'packet', packet: placed.packet, entry: placed.entry };
  const decision = placed.config ? decide(planning, placed) : 'place';
  if (decision === 'place') {
    put(planning, placed.path, step, source);
    return;
  }
  const path = besideOf(placed.path);
  if (decision === 'leave' && !planning.besideNow.has(path)) return;
  planning.beside.push({ path, packet: placed.packet });
  if (decision === 'beside') put(planning, path, step, source);
}

function decide(planning: Planning, { path, entry }: Placed): ReturnType<typeof decideConfig> {
  const shipped = planning.beforeFiles.get(path)?.entry.digest ?? null;
  return decideConfig(currentDigest(planning.disk.at(path)), shipped, entry.digest);
}

const currentDigest = (fact: DiskFact | undefined): string | null =>
  fact === undefined ? null : fact.type === 'file' ? fact.digest : 'changed';

/** Something other than a directory arrives at a path. */
function put(planning: Planning, path: string, step: number, source: Source, rank: Rank = 1): void {
  const fact = planning.disk.at(path);
  const keeps = fact && isOfNobody(planning, path) ? keptFile(path, fact) : null;
  if (fact?.type === 'directory' && rank === 1) clearAway(planning, path, step, 0);
  else if (fact?.type === 'other' && isOfNobody(planning, path)) strange(planning, path, step);
  const replaces = fact !== undefined && fact.type !== 'directory';
  add(planning, { kind: 'put', path, step, rank, replaces, source, keeps });
}

const isOfNobody = (planning: Planning, path: string): boolean =>
  !planning.beforeFiles.has(path) && !planning.besideNow.has(path);

function keptFile(path: string, fact: DiskFact): KeptFile | null {
  if (fact.type !== 'file' && fact.type !== 'symlink') return null;
  const { type, mode, uid, gid, modifiedMs, size, linkTarget } = fact;
  return { path, type, mode, uid, gid, modifiedMs, size, linkTarget, copy: null };
}

function strange(planning: Planning, path: string, step: number): void {
  obstacle(
    planning,
    step,
    `${path} on the device is a device node, a pipe or a socket of nobody; remove it first.`,
  );
}

function obstacle(planning: Planning, step: number, detail: string): void {
  planning.obstacles.push({ packet: planning.steps[step]?.name ?? '', detail });
}

function planDeparture(planning: Planning, { path, packet, entry, config }: Placed): void {
  const step = planning.stepOf.get(packet);
  if (step === undefined || planning.afterFiles.has(path) || planning.directories.stays(path))
    return;
  const fact = planning.disk.at(path);
  if (fact === undefined || fact.type === 'directory') return;
  if (config && currentDigest(fact) !== entry.digest) return;
  leave(planning, path, step);
}

function planBesideDeparture(planning: Planning, path: string, packet: string): void {
  const step = planning.stepOf.get(packet);
  if (step === undefined || planning.afterFiles.has(path)) return;
  if (planning.beside.some((beside) => beside.path === path)) return;
  const fact = planning.disk.at(path);
  if (fact !== undefined && fact.type !== 'directory') leave(planning, path, step);
}

/** A path that no packet has any more: what it had replaced comes back, or it goes. */
function leave(planning: Planning, path: string, step: number): void {
  const kept = planning.kept.get(path);
  if (!kept) {
    add(planning, { kind: 'drop', path, step, rank: 2, replaces: true });
    return;
  }
  planning.restored.add(path);
  put(planning, path, step, { kind: 'kept', kept });
}

function planDirectories(planning: Planning): void {
  for (const { path, step, attributes } of planning.directories.toMake()) {
    const fact = planning.disk.at(path);
    if (fact) giveWay(planning, path, step, fact);
    add(planning, { kind: 'make', path, step, rank: 1, replaces: false, attributes });
  }
  const last = planning.steps.length - 1;
  if (last < 0) return;
  for (const path of planning.directories.toClear()) {
    const kept = planning.kept.get(path);
    const comesBack = kept !== undefined && isClearable(planning, path);
    clear(planning, path, last, 3, comesBack);
    if (!comesBack) continue;
    planning.restored.add(path);
    put(planning, path, last, { kind: 'kept', kept }, 4);
  }
}

/** Something that is no directory gives way to one. */
function giveWay(planning: Planning, path: string, step: number, fact: DiskFact): void {
  const ofNobody = isOfNobody(planning, path);
  if (ofNobody && fact.type === 'other') strange(planning, path, step);
  const keeps = ofNobody ? keptFile(path, fact) : null;
  add(planning, { kind: 'drop', path, step, rank: 0, replaces: true, keeps });
}

/** A directory gives way to something else: all in it must be ours and on its way out. */
function clearAway(planning: Planning, path: string, step: number, rank: Rank): void {
  if (!isClearable(planning, path)) {
    obstacle(
      planning,
      step,
      `${path} on the device is a directory with things that belong to no packet; a file or link cannot take its place.`,
    );
    return;
  }
  clear(planning, path, step, rank, true);
  for (const name of planning.disk.namesIn(path)) {
    const child = joinPath(path, name);
    if (planning.disk.at(child)?.type === 'directory') clearAway(planning, child, step, rank);
    else add(planning, { kind: 'drop', path: child, step, rank, replaces: true });
  }
}

function isClearable(planning: Planning, path: string): boolean {
  if (!planning.directories.isOurs(path) || planning.directories.stays(path)) return false;
  return planning.disk.namesIn(path).every((name) => {
    const child = joinPath(path, name);
    if (planning.disk.at(child)?.type === 'directory') return isClearable(planning, child);
    const owner = planning.beforeFiles.get(child);
    if (!owner) return planning.besideNow.has(child);
    const changed = owner.config && currentDigest(planning.disk.at(child)) !== owner.entry.digest;
    return !changed && planning.stepOf.has(owner.packet);
  });
}

function clear(planning: Planning, path: string, step: number, rank: Rank, must: boolean): void {
  const fact = planning.disk.at(path);
  if (fact?.type !== 'directory') return;
  const attributes: Attributes = attributesOf(fact);
  add(planning, { kind: 'clear', path, step, rank, replaces: false, attributes, must });
}

export const attributesOf = ({ mode, uid, gid, modifiedMs }: DiskFact): Attributes => ({
  mode,
  uid,
  gid,
  modifiedMs,
});

/** The first draft for a path and kind stays. */
function add(
  planning: Planning,
  draft: Pick<Draft, 'kind' | 'path' | 'step' | 'rank' | 'replaces'> & Partial<Draft>,
): void {
  const key = `${draft.kind} ${draft.path}`;
  const whole: Draft = { attributes: null, must: false, source: null, keeps: null, ...draft };
  const known = planning.drafts.get(key);
  if (known && known.rank <= whole.rank) return;
  planning.drafts.set(key, whole);
}

/** What comes goes from the root outwards, what goes from the leaves inwards. */
function inOrder(planning: Planning): PlannedOperation[] {
  const drafts = [...planning.drafts.values()].sort(
    (a, b) => a.step - b.step || a.rank - b.rank || byPath(a, b) * (comes(a.rank) ? 1 : -1),
  );
  return drafts.map(({ rank: _rank, ...draft }, n) => ({
    ...draft,
    n,
    stage: planning.directories.stageOf(draft.path),
  }));
}

const comes = (rank: Rank): boolean => rank === 1 || rank === 4;
const byPath = (a: Draft, b: Draft): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
