import { isKept, type PacketLine } from '../../proto/desired.ts';
import type { Lock } from '../../proto/lock.ts';
import type { PackageRef } from '../../proto/package-views.ts';
import { applyingSpecs } from '../core/app-lines.ts';
import type { SpecEntry } from '../core/model.ts';
import type { ChosenPackage } from '../core/package-model.ts';
import { type Choice, type LookUp, lookUpIn } from '../locks/core/lock-table.ts';
import type { LockHistory } from '../locks/lock-history.ts';
import type { Bodies } from './bodies.ts';
import type { ChosenPackages } from './chosen-packages.ts';
import { type Body, sameLines } from './core/body.ts';
import type { Labelset, LabelsetPackages } from './fleet.ts';

/** What devices of a labelset were given last. */
export interface Given {
  lines: readonly PacketLine[];
  /** Packages by the spec that they are there for; of specs that take updates by themselves. */
  packages: ChosenPackages;
}

/** What the next plan gives them. */
export interface NextGiven {
  body: Body;
  packages: LabelsetPackages | null;
}

/** Knows what devices were given: from the last plan, or after a start from what was written for them. Serves one pass. */
export interface GivenReader {
  /** `specs`: as they take part in planning. Null: nothing, or it cannot be told whose sake it was for. */
  of(labelset: Labelset, specs: readonly SpecEntry[], next: NextGiven): Promise<Given | null>;
}

export function createGivenReader({
  bodies,
  lockText,
  history,
}: {
  bodies: Pick<Bodies, 'get'>;
  lockText: (digest: string) => Promise<string | undefined>;
  history: Pick<LockHistory, 'latest' | 'choices'>;
}): GivenReader {
  const newest = new Map<string, Promise<{ revision: number; lookUp: LookUp } | null>>();
  const newestOf = (spec: string) => {
    const found =
      newest.get(spec) ??
      history
        .latest(spec)
        .then((lock) => lock && { revision: lock.specRevision, lookUp: lookUpIn(lock) })
        .then((lock) => lock ?? null);
    newest.set(spec, found);
    return found;
  };
  /** What a spec chose for a labelset, by its newest lock if that was made for what the spec says. */
  const rowOf = async (spec: SpecEntry, labels: Labelset['labels']): Promise<Choice | null> => {
    const lock = await newestOf(spec.id);
    if (lock?.revision !== spec.revision) return null;
    const digest = lock.lookUp(labels) ?? '';
    return (await history.choices([digest])).get(digest) ?? { packets: {}, packages: {} };
  };

  const written = async (
    { labels }: Labelset,
    body: Body,
    specs: readonly SpecEntry[],
    next: NextGiven,
  ): Promise<Given | null> => {
    const text = body.lock && (await lockText(body.lock.digest));
    const own = applyingSpecs(labels, specs).filter(({ updates }) => updates !== 'manual');
    const rows = await Promise.all(own.map((spec) => rowOf(spec, labels)));
    if (rows.includes(null) || (body.lock && !text)) return null;
    const lock = text ? (JSON.parse(text) as Lock) : nothing;
    const ownerOf = createOwners(own, rows as Choice[], next);
    const packages = new Map(own.map(({ id }): [string, ChosenPackage[]] => [id, []]));
    for (const { name, arch, version } of lock.packages) {
      const key = `${name}:${arch}`;
      packages.get(ownerOf(key) ?? '')?.push({ key, version });
    }
    if (lock.keep.length > 0) addKept(packages, own, rows as Choice[]);
    return { lines: body.lines, packages };
  };

  return {
    async of(labelset, specs, next) {
      if (labelset.outcome)
        return { lines: labelset.outcome.body.lines, packages: withKept(labelset.packages) };
      const body = bodies.get(usualBody(labelset));
      if (!body) return null;
      const isSame =
        next.packages?.unserved !== true &&
        body.lock?.digest === next.body.lock?.digest &&
        sameLines(body.lines, next.body.lines);
      if (isSame) return { lines: body.lines, packages: withKept(next.packages) };
      return written(labelset, body, specs, next);
    },
  };
}

const nothing: Pick<Lock, 'packages' | 'keep'> = { packages: [], keep: [] };

/** Adds what the locks of specs have and the device's lock has not: the device keeps it. */
function addKept(
  packages: ReadonlyMap<string, ChosenPackage[]>,
  specs: readonly SpecEntry[],
  rows: readonly Choice[],
): void {
  const present = new Set([...packages.values()].flatMap((list) => list.map(({ key }) => key)));
  for (const [index, { id }] of specs.entries())
    for (const [key, version] of Object.entries(rows[index]?.packages ?? {}))
      if (!present.has(key)) packages.get(id)?.push({ key, version });
}

/** The spec that a package was there for: by the locks of specs, else by the next plan, else the first that has any. */
function createOwners(specs: readonly SpecEntry[], rows: readonly Choice[], next: NextGiven) {
  const nextOwners = new Map(
    [...(next.packages?.chosen ?? [])].flatMap(([spec, list]) =>
      list.map(({ key }) => [key, spec] as const),
    ),
  );
  const ids = new Set(specs.map(({ id }) => id));
  const asking = specs.find((spec, index) => {
    const chosen = next.packages?.chosen.get(spec.id) ?? [];
    return chosen.length > 0 || Object.keys(rows[index]?.packages ?? {}).length > 0;
  });
  return (key: string): string | undefined => {
    const owner = specs.find((_, index) => key in (rows[index]?.packages ?? {}))?.id;
    const later = nextOwners.get(key);
    return owner ?? (later !== undefined && ids.has(later) ? later : asking?.id);
  };
}

/** The body that most devices of a labelset have; '' if they have none. */
function usualBody({ members }: Labelset): string {
  const counts = new Map<string, number>();
  for (const { point } of members)
    if (point) counts.set(point.body, (counts.get(point.body) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return most?.[0] ?? '';
}

/** What was chosen, and what devices keep beside it. */
export function withKept(packages: LabelsetPackages | null): ChosenPackages {
  if (!packages) return new Map();
  const { chosen, kept } = packages;
  if (kept.size === 0) return chosen;
  const specs = new Set([...chosen.keys(), ...kept.keys()]);
  return new Map(
    [...specs].map((spec) => [spec, [...(chosen.get(spec) ?? []), ...(kept.get(spec) ?? [])]]),
  );
}

/**
 * Where packages cannot be served, what was given for these specs and the plan does not have: devices keep it.
 */
export function keptOf(
  given: Given | null,
  { chosen }: Pick<LabelsetPackages, 'chosen'>,
  specs: ReadonlySet<string>,
): ChosenPackages {
  const present = new Set([...chosen.values()].flatMap((list) => list.map(({ key }) => key)));
  return new Map(
    [...(given?.packages ?? [])].flatMap(([spec, list]) => {
      const left = specs.has(spec) ? list.filter(({ key }) => !present.has(key)) : [];
      return left.length > 0 ? [[spec, left] as const] : [];
    }),
  );
}

/** What was given for a spec's sake, as a row of its lock. */
export function choiceOfGiven({ lines, packages }: Given, spec: string): Choice {
  const own = lines.flatMap((line): [string, string][] =>
    !isKept(line) && line.reason.spec === spec ? [[line.name, line.id]] : [],
  );
  const chosen = (packages.get(spec) ?? []).map(({ key, version }) => [key, version] as const);
  return { packets: Object.fromEntries(own), packages: Object.fromEntries(chosen) };
}

/** A package by its key. */
export function packageRef({ key, version }: ChosenPackage): PackageRef {
  const colon = key.lastIndexOf(':');
  return { name: key.slice(0, colon), version, arch: key.slice(colon + 1) };
}
