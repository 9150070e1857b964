import type { PlannedPackage } from '../../proto/package-views.ts';
import type { Installed, Request, Resolution } from '../resolver/core/resolution.ts';
import type { PackageWant } from './package-lines.ts';
import type { AppliedSource, PackageView, PackageWorld } from './package-model.ts';
import type { MergedPolicy } from './package-policy.ts';
import { meetsVersion } from './package-version.ts';

/** What a request to the resolver is made from. */
export interface RequestInput {
  world: PackageWorld;
  view: PackageView;
  wants: readonly PackageWant[];
  policy: MergedPolicy;
  applied: readonly AppliedSource[];
  /** Versions that locks of specs decide, by `name:arch`. */
  pins: ReadonlyMap<string, string>;
  /** What a device has; absent: it is planned from an empty one. */
  installed?: readonly Installed[];
}

/**
 * The resolver's answer for the wants. Wants that a source with `resolver: false` serves get no prerequisites; all others
 * are solved together. `locked`: the pins that counted.
 */
export function resolveWants(input: RequestInput): {
  resolution: Resolution;
  locked: ReadonlyMap<string, string>;
  /** What the resolver was asked, for a trace. */
  requests: readonly Request[];
} {
  const { world, view, wants, policy, applied } = input;
  const locked = countingPins(input);
  const requests: Request[] = [];
  const ask = (some: readonly PackageWant[], prerequisites: boolean): Resolution => {
    if (some.length === 0 && !prerequisites) return emptyResolution;
    const request = requestOf({ ...input, wants: some }, { locked, prerequisites });
    requests.push(request);
    return world.resolve(view, request);
  };
  const resolver = world.resolver && policy.resolver;
  const bare = new Set(
    applied.filter(({ source }) => source.resolver === false).map(({ source }) => source.id),
  );
  if (!resolver || bare.size === 0) return { resolution: ask(wants, resolver), locked, requests };
  const alone = ask(wants, false);
  const served = new Set(
    alone.packages.filter(({ source }) => bare.has(source)).map(({ name }) => name),
  );
  const isBare = ({ name }: PackageWant): boolean => served.has(name);
  const without = ask(wants.filter(isBare), false);
  const rest = ask(
    wants.filter((want) => !isBare(want)),
    true,
  );
  return { resolution: union(rest, without), locked, requests };
}

/** Pins hold unless a spec that takes updates by itself asks for the package, or a line for another version. */
function countingPins({ view, wants, pins }: RequestInput): ReadonlyMap<string, string> {
  if (pins.size === 0) return pins;
  const byName = new Map<string, PackageWant[]>();
  for (const want of wants) byName.set(want.name, [...(byName.get(want.name) ?? []), want]);
  return new Map(
    [...pins].filter(([key, pinned]) => {
      const asked = byName.get(key.slice(0, key.lastIndexOf(':'))) ?? [];
      return asked.every(
        ({ manual, version }) =>
          manual && (version === undefined || meetsVersion(view.type, pinned, version)),
      );
    }),
  );
}

function requestOf(
  { wants, policy, applied, view, installed = [] }: RequestInput,
  { locked, prerequisites }: { locked: ReadonlyMap<string, string>; prerequisites: boolean },
): Request {
  return {
    wants: wants.map(({ name, arch, version, recommended }) => ({
      name,
      ...(arch !== undefined && { arch }),
      ...(version !== undefined && { version }),
      ...(recommended !== undefined && { recommended }),
    })),
    policy: view.type === 'deb' ? 'apt' : 'rpm',
    recommends: policy.recommended,
    essential: prerequisites && applied.some(({ source }) => source.essential !== false),
    installed,
    locked,
    prerequisites,
    downgrade: policy.downgrade,
    remove: policy.unmanaged === 'remove',
    upgrade: 'needed',
  };
}

/** The answer where nothing is asked. */
export const emptyResolution: Resolution = {
  packages: [],
  removed: [],
  unresolved: [],
  problems: [],
};

/** What the first says, and of the second what the first does not have. */
function union(first: Resolution, second: Resolution): Resolution {
  const known = new Set(first.packages.map(({ name, arch }) => `${name}:${arch}`));
  return {
    packages: [
      ...first.packages,
      ...second.packages.filter(({ name, arch }) => !known.has(`${name}:${arch}`)),
    ],
    removed: [...first.removed, ...second.removed],
    unresolved: [...new Set([...first.unresolved, ...second.unresolved])].sort(),
    problems: [...first.problems, ...second.problems],
  };
}

/**
 * Entries for wants that no index knows, while a source without index (`metadata: false`) applies: the device's package
 * manager picks the version, unless the line gives an exact one.
 */
export function unindexedPackages(
  wants: readonly PackageWant[],
  applied: readonly AppliedSource[],
  view: PackageView,
): PlannedPackage[] {
  const source = applied.find((one) => one.source.metadata === false)?.source;
  if (!source) return [];
  const entries = new Map<string, PlannedPackage>();
  for (const want of wants) {
    if (view.has(want.name)) continue;
    const arch = want.arch ?? view.arch;
    const { spec, revision, packets } = want.reason;
    entries.set(`${want.name}:${arch}`, {
      name: want.name,
      version: exactVersion(want.version),
      arch,
      type: view.type,
      source: source.id,
      auto: false,
      size: 0,
      installedSize: 0,
      reason: { spec, revision, packets: [...packets], neededBy: [], relation: null },
    });
  }
  return [...entries.values()];
}

/** The version of a range that names one; null for any other. */
function exactVersion(range: string | undefined): string | null {
  return range === undefined || /[*<>=\s]/.test(range) ? null : range;
}
