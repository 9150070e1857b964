import type { Labels } from '../../proto/labels.ts';
import type { PlannedPackage } from '../../proto/package-views.ts';
import { type Answer, answerOf, emptyAnswer } from '../resolver/core/answer.ts';
import type { Installed, Removal, Request, Resolution } from '../resolver/core/resolution.ts';
import { chooserOf } from './package-chooser.ts';
import type { PackageWant } from './package-lines.ts';
import { comparePackages } from './package-lock.ts';
import type { AppliedSource, PackageView, PackageWorld } from './package-model.ts';
import type { MergedPolicy } from './package-policy.ts';

/** What a request to the resolver is made from. */
export interface RequestInput {
  world: PackageWorld;
  view: PackageView;
  /** Of the devices that it is for. */
  labels: Labels;
  wants: readonly PackageWant[];
  policy: MergedPolicy;
  applied: readonly AppliedSource[];
  /** Versions that are decided, by `name:arch`; all are offered. */
  pins: ReadonlyMap<string, string>;
  /** Packages that must not come. */
  bans?: readonly Removal[];
  /** What a device has; absent: it is planned from an empty one. */
  installed?: readonly Installed[];
}

/**
 * The resolver's answer for the wants. Wants that a source with `resolver: false` serves get no prerequisites; all others
 * are solved together.
 */
export function resolveWants(input: RequestInput): {
  resolution: Answer;
  /** What the resolver was asked, for a trace. */
  requests: readonly Request[];
} {
  const { world, view, wants, policy, applied } = input;
  const requests: Request[] = [];
  const ask = (some: readonly PackageWant[], prerequisites: boolean): Answer => {
    if (some.length === 0 && !prerequisites) return emptyAnswer;
    const request = requestOf({ ...input, wants: some }, prerequisites);
    requests.push(request);
    return world.resolve(view, request);
  };
  const resolver = world.resolver && policy.resolver;
  const bare = new Set(
    applied.filter(({ source }) => source.resolver === false).map(({ source }) => source.id),
  );
  if (!resolver || bare.size === 0) return { resolution: ask(wants, resolver), requests };
  const alone = ask(wants, false);
  const served = new Set(
    alone.listed.filter(({ source }) => bare.has(source)).map(({ name }) => name),
  );
  const isBare = ({ name }: PackageWant): boolean => served.has(name);
  const without = ask(wants.filter(isBare), false);
  const rest = ask(
    wants.filter((want) => !isBare(want)),
    true,
  );
  return { resolution: answerOf(union(rest, without)), requests };
}

function requestOf(
  { wants, policy, applied, view, labels, pins, bans = [], installed = [] }: RequestInput,
  prerequisites: boolean,
): Request {
  const pinned = new Map([...pins].map(([key, version]) => [nameOf(key), version]));
  return {
    wants: wants.map(({ name, arch, version = pinned.get(name), recommended }) => ({
      name,
      ...(arch !== undefined && { arch }),
      ...(version !== undefined && { version: pinned.get(name) ?? version }),
      ...(recommended !== undefined && { recommended }),
    })),
    policy: chooserOf(view.type, labels),
    recommends: policy.recommended,
    essential: prerequisites && applied.some(({ source }) => source.essential !== false),
    installed,
    locked: pins,
    prerequisites,
    downgrade: policy.downgrade,
    remove: policy.unmanaged === 'remove',
    upgrade: 'needed',
    ...(bans.length > 0 && { removals: bans }),
  };
}

/** What the first says, and of the second what the first does not have. */
function union(first: Resolution, second: Resolution): Resolution {
  const known = new Set(first.packages.map(({ name, arch }) => `${name}:${arch}`));
  const more = second.packages.filter(({ name, arch }) => !known.has(`${name}:${arch}`));
  return {
    packages: [...first.packages, ...more].sort(comparePackages),
    removed: [...first.removed, ...second.removed],
    unresolved: [...new Set([...first.unresolved, ...second.unresolved])].sort(),
    problems: [...first.problems, ...second.problems],
    unownedPaths: [...(first.unownedPaths ?? []), ...(second.unownedPaths ?? [])],
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

/** The name in the key of a pin (`name:arch`). */
export function nameOf(key: string): string {
  return key.slice(0, key.lastIndexOf(':'));
}
