import { ancestorsOf, besideOf, parentOf } from './device-path.ts';
import type { Attributes, Operation, Touched } from './operation.ts';
import { type DiskFact, isDirectory, type Placed } from './placed.ts';
import type { TreeFacts } from './tree-plan.ts';

/** What the plan of a tree has to know of directories. */
export interface DirectoryFacts {
  /** Whether it was made for a packet. */
  isOurs(path: string): boolean;
  /** Whether some packet will have it or something below it. */
  stays(path: string): boolean;
  /** Those that are missing, with the first step that needs them. */
  toMake(): { path: string; step: number; attributes: Attributes }[];
  /** Ours that no packet will have any more. */
  toClear(): string[];
  /**
   * The nearest directory above a path that is there before and after: temporary names are put there, so that directories
   * can come and go around them.
   */
  stageOf(path: string): string;
  touchedBy(operations: readonly Operation[]): Touched[];
}

/** Of a directory that no packet describes but one needs. */
const implied: Attributes = { mode: 0o755, uid: 0, gid: 0, modifiedMs: null };

export function readDirectories(
  { after, index, disk }: TreeFacts,
  stepOf: ReadonlyMap<string, number>,
): DirectoryFacts {
  const ours = new Set(index.directories);
  const wanted = wantedDirectories(after);
  const firstStep = firstSteps(after, stepOf);
  const isThere = (path: string): boolean => disk.at(path)?.type === 'directory';
  const stages = new Map<string, string>();

  /** There before and after: not ours, or still wanted, or another file system is mounted on it. */
  function isStable(path: string): boolean {
    if (path === '/') return true;
    if (!isThere(path)) return false;
    if (!ours.has(path) || wanted.has(path)) return true;
    return disk.at(path)?.device !== disk.at(parentOf(path))?.device;
  }

  function stageOf(path: string): string {
    const parent = parentOf(path);
    const known = stages.get(parent);
    if (known !== undefined) return known;
    const stage = isStable(parent) ? parent : stageOf(parent);
    stages.set(parent, stage);
    return stage;
  }

  function touched(path: string, fact: DiskFact): Touched {
    const { mode, uid, gid, modifiedMs } = fact;
    const isOurs = ours.has(path);
    const shall = isOurs ? wanted.get(path) : undefined;
    return { path, before: { mode, uid, gid, modifiedMs }, after: shall ?? null, ours: isOurs };
  }

  return {
    isOurs: (path) => ours.has(path),
    stays: (path) => wanted.has(path),
    toMake: () =>
      [...firstStep]
        .filter(([path]) => !isThere(path))
        .map(([path, step]) => ({ path, step, attributes: wanted.get(path) ?? implied })),
    toClear: () => [...ours].filter((path) => !wanted.has(path) && isThere(path)),
    stageOf,
    touchedBy(operations) {
      const paths = new Set(operations.flatMap(({ path, stage }) => [stage, parentOf(path), path]));
      for (const [path] of firstStep) if (ours.has(path)) paths.add(path);
      return [...paths].sort().flatMap((path) => {
        const fact = disk.at(path);
        return fact?.type === 'directory' ? [touched(path, fact)] : [];
      });
    },
  };
}

/** All directories that shall be there; of those that several packets describe the last packet's description counts. */
function wantedDirectories(after: readonly Placed[]): Map<string, Attributes> {
  const wanted = new Map<string, Attributes>();
  for (const { path } of after) for (const above of ancestorsOf(path)) wanted.set(above, implied);
  const sorted = [...after].sort((a, b) =>
    a.packet < b.packet ? -1 : a.packet > b.packet ? 1 : 0,
  );
  for (const item of sorted) {
    if (!isDirectory(item)) continue;
    const { mode, uid, gid, modifiedMs } = item.entry;
    wanted.set(item.path, { mode, uid, gid, modifiedMs });
  }
  return wanted;
}

/** The directories that changing packets need, and the first step that does. */
function firstSteps(
  after: readonly Placed[],
  stepOf: ReadonlyMap<string, number>,
): Map<string, number> {
  const steps = new Map<string, number>();
  const need = (path: string, step: number): void => {
    steps.set(path, Math.min(step, steps.get(path) ?? step));
  };
  for (const item of after) {
    const step = stepOf.get(item.packet);
    if (step === undefined) continue;
    for (const path of ancestorsOf(item.path)) need(path, step);
    if (isDirectory(item)) need(item.path, step);
    else if (item.config) for (const path of ancestorsOf(besideOf(item.path))) need(path, step);
  }
  steps.delete('/');
  return steps;
}
