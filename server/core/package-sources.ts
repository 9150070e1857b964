import type { Labels } from '../../proto/labels.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { SourceExplanation } from '../../proto/package-views.ts';
import type { AppliedSource, PackageWorld } from './package-model.ts';

/** What jamesd knows of package managers, by the word of the label `packages`. */
const managers: Readonly<Record<string, { type: PackageType; auto: boolean }>> = {
  apt: { type: 'deb', auto: true },
  dnf: { type: 'rpm', auto: true },
  yum: { type: 'rpm', auto: true },
  zypper: { type: 'rpm', auto: true },
  'rpm-ostree': { type: 'rpm', auto: false },
};

/** Label keys that decide which sources apply, how and what a device's packages are, beside those of targets. */
export const PACKAGE_LABELS = [
  ...['os', 'os.like', 'os.version', 'arch', 'arch.foreign', 'packages'],
] as const;

/** True if the device's package manager can pick versions itself; where no label names it, it is taken to be able. */
export function supportsAuto(labels: Labels): boolean {
  if (labels.packages === undefined) return true;
  return Object.hasOwn(managers, labels.packages) && managers[labels.packages]?.auto === true;
}

/** Package managers that pick versions themselves, for a sentence. */
export function autoManagers(): string[] {
  return Object.keys(managers).filter((word) => managers[word]?.auto);
}

/** Every source with its verdict, those of higher priority first, then by id. */
export function judgeSources(world: PackageWorld, labels: Labels): AppliedSource[] {
  return world.sources
    .map((source) => ({ source, verdict: world.verdict(source, labels) }))
    .sort(comparePrecedence);
}

function comparePrecedence(a: AppliedSource, b: AppliedSource): number {
  const byPriority = (b.source.priority ?? 500) - (a.source.priority ?? 500);
  return byPriority || (a.source.id < b.source.id ? -1 : 1);
}

/**
 * The type of a device's packages: what the label `packages` says, otherwise that of the sources which apply (the first
 * in order of precedence). Null: nothing tells.
 */
export function packageTypeOf(
  labels: Labels,
  judged: readonly AppliedSource[],
): PackageType | null {
  const word = labels.packages;
  if (word !== undefined && Object.hasOwn(managers, word)) return managers[word]?.type ?? null;
  return judged.find(({ verdict }) => verdict.applies)?.verdict.type ?? null;
}

/** The sources that apply to a device with these labels, of its type, in order of precedence. */
export function applyingSources(world: PackageWorld, labels: Labels): AppliedSource[] {
  const judged = judgeSources(world, labels);
  const type = packageTypeOf(labels, judged);
  return judged.filter(({ verdict }) => verdict.applies && verdict.type === type);
}

/** How every source stands to a device, for people; sorted by id. */
export function explainSources(world: PackageWorld, labels: Labels): SourceExplanation[] {
  const judged = judgeSources(world, labels);
  const type = packageTypeOf(labels, judged);
  return judged
    .map(({ source, verdict }) => ({
      id: source.id,
      revision: source.revision,
      type: source.type,
      applies: verdict.applies && verdict.type === type,
      archs: [...verdict.archs],
      unmet: [
        ...verdict.unmet,
        ...(verdict.applies && verdict.type !== type
          ? [`has ${verdict.type} packages, and the device takes ${type ?? 'none'}`]
          : []),
      ],
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
