import type { InstalledPackage } from '../../../proto/lock.ts';
import type { PackagePlan } from './package-plan.ts';
import { isSamePlace, type PresentPackage } from './present-package.ts';
import type { ToolChange, ToolSimulation } from './tool-simulation.ts';

/** What the package manager would do; nothing is touched. */
export interface Simulation {
  install: InstalledPackage[];
  upgrade: { from: InstalledPackage; to: InstalledPackage }[];
  downgrade: { from: InstalledPackage; to: InstalledPackage }[];
  remove: InstalledPackage[];
  /** Bytes to download, and bytes more on the file system afterwards (may be negative). */
  downloadBytes: number;
  diskBytes: number;
  /** Where it differs from the lock: sentences. Empty: it does exactly what the lock says. */
  differences: string[];
}

/**
 * What a package manager said it would do, as the port has it. Sizes are the greater of what it said and what the lock
 * says of the packages that come.
 */
export function simulationOf(
  { changes, downloadBytes, diskBytes }: ToolSimulation,
  present: readonly PresentPackage[],
  plan: PackagePlan,
): Omit<Simulation, 'differences'> {
  const of = (kind: ToolChange['kind']): ToolChange[] =>
    changes.filter((change) => change.kind === kind);
  const pairs = (kind: 'upgrade' | 'downgrade') =>
    of(kind).map((change) => ({ from: before(change, present), to: after(change) }));
  const disk = plan.install.reduce((sum, one) => {
    const old = present.find((there) => isSamePlace(there, one));
    return sum + one.installedSize - (one.installedSize === 0 ? 0 : (old?.installedBytes ?? 0));
  }, 0);
  const download = plan.install.reduce((sum, { size }) => sum + size, 0);
  return {
    install: of('install').map(after),
    upgrade: pairs('upgrade'),
    downgrade: pairs('downgrade'),
    remove: of('remove').map((change) => before(change, present)),
    downloadBytes: Math.max(downloadBytes, download),
    diskBytes: Math.max(diskBytes, disk),
  };
}

function after({ name, arch, to }: ToolChange): InstalledPackage {
  return { name, version: to ?? '', arch: arch ?? '', auto: false };
}

function before(
  { name, arch, from }: ToolChange,
  present: readonly PresentPackage[],
): InstalledPackage {
  const there = present.find((one) => one.name === name && (arch === null || one.arch === arch));
  const known = there ?? present.find((one) => one.name === name);
  return {
    name,
    version: from ?? known?.version ?? '',
    arch: arch ?? known?.arch ?? '',
    auto: known?.auto ?? false,
  };
}
