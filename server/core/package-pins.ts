import type { PlanProblem } from '../../proto/api.ts';
import type { Answer } from '../resolver/core/answer.ts';
import type { Removal, Request, Resolution, ResolvedPackage } from '../resolver/core/resolution.ts';
import type { Pins } from './model.ts';
import type { PackageWant } from './package-lines.ts';
import type { PackageView } from './package-model.ts';
import { goneProblem, heldProblem } from './package-problems.ts';
import { plannedPackages } from './package-reasons.ts';
import { nameOf, type RequestInput, resolveWants } from './package-request.ts';
import { meetsVersion } from './package-version.ts';

/** What came of wants under the versions that locks of specs decide. */
export interface PinnedAnswer {
  resolution: Answer;
  /** The wants that were asked in the end. */
  asked: readonly PackageWant[];
  /** Wants that need a version which is no longer offered. */
  problems: readonly PlanProblem[];
  requests: readonly Request[];
}

/** A request under what locks of specs decide. */
export type PinnedInput = Omit<RequestInput, 'pins' | 'bans'> & { pins: Pins };

/**
 * The resolver's answer under what locks decide. Where the renewal of a spec is held, and what its row has would not all
 * stay, its wants are left out: devices then keep what they have for it.
 */
export function resolvePinned(input: PinnedInput): PinnedAnswer {
  const left: PlanProblem[] = [];
  let answer = resolveDecided(input);
  for (const [spec, row] of input.pins.rows) {
    const missing = missingOf(row, answer);
    const lost = input.wants.filter(({ reason }) => reason.spec === spec);
    if (missing.length === 0 || isUnserved(lost, answer)) continue;
    const names = new Set([...lost.map(({ name }) => name), ...missing]);
    left.push(...[...names].map((name) => heldProblem(name, spec, missing)));
    const wants = answer.asked.filter((want) => !lost.includes(want));
    const next = resolveDecided({ ...input, wants });
    answer = { ...next, problems: [...answer.problems, ...next.problems] };
  }
  return left.length === 0 ? answer : { ...answer, problems: [...answer.problems, ...left] };
}

/** The names of packages of a row that an answer does not have. */
function missingOf(row: object, { resolution }: PinnedAnswer): string[] {
  const present = new Set(resolution.listed.map(({ name }) => name));
  const names = new Set(Object.keys(row).map(nameOf));
  return [...names].filter((name) => !present.has(name));
}

/** Whether one of the wants is left out already, and nothing comes in its place: then all that they brought stays. */
function isUnserved(wants: readonly PackageWant[], { asked, resolution }: PinnedAnswer): boolean {
  const unresolved = new Set(resolution.unresolved);
  const left = wants.filter((want) => !asked.includes(want) || unresolved.has(want.name));
  return left.some(({ name }) => !resolution.listed.some((one) => one.name === name));
}

/**
 * The resolver's answer under pins. A want that needs, itself or through others, a version which is decided and no longer
 * offered is left out: it would bring another version. What a whole lock does not have does not come in place of what it
 * has, though it may be preferred now.
 */
function resolveDecided(input: PinnedInput): PinnedAnswer {
  const counting = countingPins(input);
  const { offered, gone } = splitPins(counting, input.view);
  const problems: PlanProblem[] = [];
  const lost = (want: PackageWant): boolean => {
    const key = [...gone.keys()].find((one) => nameOf(one) === want.name);
    if (key === undefined) return false;
    problems.push(goneProblem(want, { name: want.name, version: gone.get(key) ?? '' }, input.view));
    return true;
  };
  let asked = input.wants.filter((want) => !lost(want));
  for (;;) {
    const request = { ...input, wants: asked, pins: offered };
    const answer = resolveWithoutIntruders(request, input.pins);
    if (gone.size === 0) return { ...answer, asked, problems };
    const moved = answer.resolution.packages.find((one) => gone.has(keyOf(one)));
    const root = moved && rootOf(moved, answer.resolution, asked);
    if (!moved || !root) return { ...answer, asked, problems };
    const decided = { name: moved.name, version: gone.get(keyOf(moved)) ?? '' };
    problems.push(goneProblem(root, decided, input.view));
    asked = asked.filter(({ name }) => name !== root.name);
  }
}

/** So many packages are kept out one after the other. */
const MAX_BANS = 64;

/** Keeps out, one after the other, what a whole lock does not have, comes for what it decides, and nothing else needs. */
function resolveWithoutIntruders(input: RequestInput, pins: Pins) {
  let answer = resolveWants(input);
  if (pins.whole.size === 0 || input.pins.size === 0) return answer;
  const bans: Removal[] = [];
  const needed = new Set<string>();
  for (let round = 0; round < MAX_BANS; round += 1) {
    const intruder = findIntruder(answer.resolution, input, pins, needed);
    if (!intruder) return answer;
    const ban = { name: intruder.name, arch: intruder.arch };
    const next = resolveWants({ ...input, bans: [...bans, ban] });
    if (next.resolution.unresolved.length > answer.resolution.unresolved.length) {
      needed.add(keyOf(intruder));
      continue;
    }
    bans.push(ban);
    answer = next;
  }
  return answer;
}

function findIntruder(
  { packages }: Resolution,
  { wants, view, pins: decided }: RequestInput,
  pins: Pins,
  needed: ReadonlySet<string>,
): ResolvedPackage | undefined {
  const strange = packages.filter(
    (one) => !pins.packages.has(keyOf(one)) && !needed.has(keyOf(one)),
  );
  const wanted = new Set(wants.map(({ name }) => name));
  const candidates = strange.filter(({ name }) => !wanted.has(name));
  if (candidates.length === 0 || decided.size === 0) return undefined;
  const byRoot = rootsOf({ packages }, wants);
  const locked = new Set([...pins.packages.keys()].map(nameOf));
  const isDecided = ({ name }: PackageWant): boolean =>
    locked.has(name) || view.providers(name).some((provider) => locked.has(provider));
  return candidates.find((one) => {
    const root = byRoot(one);
    const causes = root ? [root] : wants;
    return causes.every((want) => pins.whole.has(want.reason.spec) && isDecided(want));
  });
}

/** The want at the top of the chain of a package; undefined: it is there for nobody's sake. */
function rootOf(
  one: ResolvedPackage,
  resolution: Pick<Resolution, 'packages'>,
  asked: readonly PackageWant[],
): PackageWant | undefined {
  return rootsOf(resolution, asked)(one);
}

function rootsOf(
  { packages }: Pick<Resolution, 'packages'>,
  asked: readonly PackageWant[],
): (one: ResolvedPackage) => PackageWant | undefined {
  const planned = plannedPackages({ packages }, asked, false);
  const tops = new Map(
    planned.map(({ name, arch, reason }) => [keyOf({ name, arch }), reason.neededBy[0] ?? name]),
  );
  return (one) => asked.find(({ name }) => name === (tops.get(keyOf(one)) ?? one.name));
}

/** Pins hold unless a spec that takes updates by itself asks for the package, or a line for another version. */
function countingPins({
  view,
  wants,
  pins: { packages: pins },
}: PinnedInput): ReadonlyMap<string, string> {
  if (pins.size === 0) return pins;
  const byName = new Map<string, PackageWant[]>();
  for (const want of wants) byName.set(want.name, [...(byName.get(want.name) ?? []), want]);
  return new Map(
    [...pins].filter(([key, pinned]) =>
      (byName.get(nameOf(key)) ?? []).every(
        ({ manual, version }) =>
          manual && (version === undefined || meetsVersion(view.type, pinned, version)),
      ),
    ),
  );
}

function splitPins(pins: ReadonlyMap<string, string>, view: PackageView) {
  const offered = new Map<string, string>();
  const gone = new Map<string, string>();
  for (const [key, version] of pins) {
    const isOffered = view
      .versions(nameOf(key))
      .some((one) => one.barred === null && one.version === version && keyOf(one) === key);
    (isOffered ? offered : gone).set(key, version);
  }
  return { offered, gone };
}

function keyOf({ name, arch }: { name: string; arch: string }): string {
  return `${name}:${arch}`;
}
