import type { PackageReason, Resolution, ResolvedPackage } from '../resolution.ts';
import type { Pool } from './pool.ts';
import { type Reasons, reasonsOf } from './reasons.ts';
import type { Session } from './session.ts';

/** What will be there: versions by package, for all that is there or comes. */
export type Assignment = ReadonlyMap<number, number>;

/** What is asked for itself: wants, essential packages, and what is installed and not removed. */
export function rootsOf(session: Session): Map<number, PackageReason> {
  const { pool, wanted, essential } = session;
  const roots = new Map<number, PackageReason>();
  for (const one of wanted) if (one.kind === 'found') roots.set(one.pkg, { kind: 'wanted' });
  for (const pkg of essential) if (!roots.has(pkg)) roots.set(pkg, { kind: 'essential' });
  for (const pkg of pool.installed()) if (!roots.has(pkg)) roots.set(pkg, { kind: 'installed' });
  return roots;
}

/** Takes away what comes new and nothing needs. */
export function withReasons(
  session: Session,
  assignment: Assignment,
): { assignment: Assignment; reasons: Reasons } {
  const { pool, groups, follow } = session;
  const present = (pkg: number): number => assignment.get(pkg) ?? 0;
  const reasons = reasonsOf({ pool, groups, roots: rootsOf(session), present, follow });
  const kept = new Map([...assignment].filter(([pkg]) => reasons.has(pkg)));
  return { assignment: kept, reasons };
}

/** The changes from what is installed to an assignment. */
export function changesOf(
  session: Session,
  assignment: Assignment,
  reasons: Reasons,
): Pick<Resolution, 'packages' | 'removed'> {
  const { pool } = session;
  const { view } = pool;
  const packages = [...assignment]
    .filter(([pkg, version]) => version !== pool.current(pkg))
    .map(([pkg, version]) => resolved(pool, pkg, version, reasons))
    .sort(byNameThenArch);
  const removed = pool
    .installed()
    .filter((pkg) => !assignment.has(pkg))
    .map((pkg) => {
      const version = pool.current(pkg);
      return { name: pool.name(pkg), version: view.version(version), arch: view.arch(version) };
    })
    .sort(byNameThenArch);
  return { packages, removed };
}

function byNameThenArch(
  a: { name: string; arch: string },
  b: { name: string; arch: string },
): number {
  return compareTexts(a.name, b.name) || compareTexts(a.arch, b.arch);
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function resolved(pool: Pool, pkg: number, version: number, reasons: Reasons): ResolvedPackage {
  const { view } = pool;
  const universe = view.universe(version);
  const index = view.index(version);
  const reason = reasons.get(pkg) ?? { kind: 'installed' as const };
  return {
    name: pool.name(pkg),
    version: view.version(version),
    arch: view.arch(version),
    type: 'deb',
    source: view.source(version).id,
    auto: reason.kind !== 'wanted',
    reason,
    size: universe.size(index),
    installedSize: universe.installedSize(index),
    location: universe.location(index),
    checksum: universe.checksum(index),
  };
}
