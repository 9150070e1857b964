import type { Labels } from '../../proto/labels.ts';
import type { InstalledPackage, Lock, LockedPackage } from '../../proto/lock.ts';
import type { LabelPlan, Pins } from '../core/model.ts';
import type { PackageWant } from '../core/package-lines.ts';
import { comparePackages, lockJson, lockOf } from '../core/package-lock.ts';
import type { PackageWorld } from '../core/package-model.ts';
import { resolvePinned } from '../core/package-pins.ts';
import { choosePackages, type PackageSituation } from '../core/package-plan.ts';
import { comparePackageVersions } from '../core/package-version.ts';
import type { Resolution } from '../resolver/core/resolution.ts';

/** A plan with what it was made from. */
export interface PlannedFor {
  labels: Labels;
  plan: LabelPlan;
  world: PackageWorld;
  pins: Pins;
  situation: PackageSituation;
}

/**
 * The lock for a device that has something already, as canonical JSON: what has to come, and what it has of that. The
 * versions of the common lock bind, also for what is installed of it, but nothing is downgraded unless the policy says so.
 */
export function deviceLock(
  { plan, world, pins, situation, labels }: PlannedFor,
  installed: readonly InstalledPackage[],
): string {
  const choice = choosePackages({ labels, world, pins }, situation);
  if (!choice.view || !plan.packages) return plan.packages?.lock.text() ?? '';
  const common = JSON.parse(plan.packages.lock.text()) as Lock;
  const { type, policy, wants, conflicts } = situation;
  const bound = boundWants(choice.asked, { common, installed, downgrade: policy.downgrade });
  const { resolution } = resolvePinned({
    ...{ ...situation, world, labels, view: choice.view, wants: bound, installed },
    pins: pinsOf(common),
  });
  const told = new Set(choice.problems.map(({ name }) => name));
  const more = resolution.unresolved
    .filter((name) => !told.has(name))
    .map((name) => ({ code: 'unresolvable', name, detail: '' }));
  const lock = lockOf({
    ...{ type: type ?? 'deb', wants, resolution, unindexed: choice.unindexed },
    problems: [...conflicts, ...choice.problems, ...more],
    auto: policy.version === 'auto',
  });
  return lockJson(withInstalled(lock, { common, installed, resolution }));
}

/** The wants in the lock's versions, and with them whatever is installed of the lock. */
function boundWants(
  asked: readonly PackageWant[],
  {
    common,
    installed,
    downgrade,
  }: { common: Lock; installed: readonly InstalledPackage[]; downgrade: boolean },
): PackageWant[] {
  const present = new Map(installed.map((one) => [keyOf(one), one]));
  const isHigher = ({ name, arch, version }: LockedPackage): boolean => {
    const known = present.get(keyOf({ name, arch }));
    return (
      known !== undefined &&
      version !== null &&
      comparePackageVersions(common.type, known.version, version) > 0
    );
  };
  const binding = common.packages.filter((one) => downgrade || !isHigher(one));
  const versions = new Map(binding.map(({ name, version }) => [name, version]));
  const names = new Set(asked.map(({ name }) => name));
  const wanted = asked.map((want) => {
    const version = versions.get(want.name) ?? want.version;
    return { ...want, manual: true, ...(version !== undefined && { version }) };
  });
  const others = binding.filter((one) => present.has(keyOf(one)) && !names.has(one.name));
  return [...wanted, ...others.map(asWant)];
}

function asWant({ name, arch, version, verify }: LockedPackage): PackageWant {
  const reason = { spec: '', revision: 0, packets: [] };
  const exact = version === null ? {} : { version };
  const own = arch === 'all' || arch === 'noarch' ? {} : { arch };
  return { ...{ name, ...own, ...exact, verify }, manual: true, reason };
}

function pinsOf({ packages }: Lock): Pins {
  const versions = packages.flatMap(({ name, arch, version }): [string, string][] =>
    version === null ? [] : [[`${name}:${arch}`, version]],
  );
  return { packets: new Map(), packages: new Map(versions), whole: new Set(), rows: new Map() };
}

/** Adds what the device has and keeps: wanted, in the common lock, or installed as a prerequisite. */
function withInstalled(
  lock: Lock,
  {
    common,
    installed,
    resolution,
  }: { common: Lock; installed: readonly InstalledPackage[]; resolution: Resolution },
): Lock {
  const wanted = new Map(common.packages.map((one) => [one.name, one]));
  const chosen = lock.packages.map((one) => ({
    ...one,
    auto: wanted.get(one.name)?.auto ?? one.auto,
  }));
  const known = new Set(chosen.map(keyOf));
  const gone = new Set(resolution.removed.map(keyOf));
  const kept = installed.flatMap((one) => {
    const line = wanted.get(one.name);
    if (known.has(keyOf(one)) || gone.has(keyOf(one)) || (!line && !one.auto)) return [];
    return [
      {
        ...{ name: one.name, version: line?.version === null ? null : one.version, arch: one.arch },
        ...{ auto: line?.auto ?? true, verify: line?.verify ?? true },
        ...{ source: null, size: 0, installedSize: 0 },
      },
    ];
  });
  return { ...lock, packages: [...chosen, ...kept].sort(comparePackages) };
}

function keyOf({ name, arch }: { name: string; arch: string }): string {
  return `${name}:${arch}`;
}
