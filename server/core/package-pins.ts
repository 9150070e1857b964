import type { PlanProblem } from '../../proto/api.ts';
import type { Request, Resolution, ResolvedPackage } from '../resolver/core/resolution.ts';
import type { PackageWant } from './package-lines.ts';
import type { PackageView } from './package-model.ts';
import { goneProblem } from './package-problems.ts';
import { plannedPackages } from './package-reasons.ts';
import { nameOf, type RequestInput, resolveWants } from './package-request.ts';
import { meetsVersion } from './package-version.ts';

/** What came of wants under the versions that locks of specs decide. */
export interface PinnedAnswer {
  resolution: Resolution;
  /** The wants that were asked in the end. */
  asked: readonly PackageWant[];
  /** Wants that need a version which is no longer offered. */
  problems: readonly PlanProblem[];
  requests: readonly Request[];
}

/**
 * The resolver's answer under pins. A want that needs, itself or through others, a version which is decided and no longer
 * offered is left out: it would bring another version.
 */
export function resolvePinned(input: RequestInput): PinnedAnswer {
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
    const answer = resolveWants({ ...input, wants: asked, pins: offered });
    const moved = answer.resolution.packages.find((one) => gone.has(keyOf(one)));
    const root = moved && rootOf(moved, answer.resolution, asked);
    if (!moved || !root) return { ...answer, asked, problems };
    const decided = { name: moved.name, version: gone.get(keyOf(moved)) ?? '' };
    problems.push(goneProblem(root, decided, input.view));
    asked = asked.filter(({ name }) => name !== root.name);
  }
}

/** The want at the top of the chain of a package; undefined: it is there for nobody's sake. */
function rootOf(
  one: ResolvedPackage,
  resolution: Resolution,
  asked: readonly PackageWant[],
): PackageWant | undefined {
  const planned = plannedPackages(resolution, asked, false);
  const found = planned.find(({ name, arch }) => name === one.name && arch === one.arch);
  const root = found?.reason.neededBy[0] ?? one.name;
  return asked.find(({ name }) => name === root);
}

/** Pins hold unless a spec that takes updates by itself asks for the package, or a line for another version. */
function countingPins({ view, wants, pins }: RequestInput): ReadonlyMap<string, string> {
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
