import type { PackageReason, Resolution, ResolvedPackage } from '../resolution.ts';
import type { Description } from './description.ts';
import { type Reasons, reasonsOf } from './reasons.ts';
import type { Session } from './session.ts';

/** What will be there: versions by package, for all that is there or comes; with the reason of each. */
export interface Assignment {
  versions: ReadonlyMap<number, number>;
  reasons: Reasons;
}

/**
 * What is asked for itself: wants, in the order of the index, so that the order of the request does not count; essential
 * packages; what is installed and not removed.
 */
export function rootsOf({ pool, wanted, essential }: Session): Map<number, PackageReason> {
  const roots = new Map<number, PackageReason>();
  const packages = wanted.flatMap((one) => (one.kind === 'found' ? [one.pkg] : []));
  for (const pkg of packages.sort((a, b) => pool.order(a) - pool.order(b)))
    roots.set(pkg, { kind: 'wanted' });
  for (const pkg of essential) if (!roots.has(pkg)) roots.set(pkg, { kind: 'essential' });
  for (const pkg of pool.installed()) if (!roots.has(pkg)) roots.set(pkg, { kind: 'installed' });
  return roots;
}

/**
 * Takes what is needed from what would be there; what comes new and nothing needs stays away, unless `keep` gives a reason
 * for it. `present` gives the version of a package that would be there, or 0; `isPresent` says the same of a version.
 */
export function toAssignment(
  session: Session,
  present: (pkg: number) => number,
  isPresent = (version: number): boolean => present(session.pool.packageOf(version)) === version,
  keep: (reasons: Reasons) => ReadonlyMap<number, PackageReason> = () => new Map(),
): Assignment {
  const { pool, groups, follow } = session;
  const roots = rootsOf(session);
  const options = { pool, groups, roots, present, isPresent, follow };
  let reasons = reasonsOf(options);
  for (let kept = keep(reasons); kept.size > 0; kept = keep(reasons)) {
    for (const [pkg, reason] of kept) roots.set(pkg, reason);
    reasons = reasonsOf(options);
  }
  const versions = new Map<number, number>();
  for (const pkg of reasons.keys()) versions.set(pkg, present(pkg));
  return { versions, reasons };
}

/** The changes from what is installed to an assignment. */
export function changesOf(
  session: Session,
  { versions, reasons }: Assignment,
): Pick<Resolution, 'packages' | 'removed'> {
  const { pool, describe } = session;
  const packages: ResolvedPackage[] = [];
  for (const pkg of pool.inNameOrder([...versions.keys()])) {
    const version = versions.get(pkg) ?? 0;
    if (version === pool.current(pkg)) continue;
    const reason = reasons.get(pkg) ?? { kind: 'installed' as const };
    packages.push(resolvedPackage(describe(version), reason));
  }
  const removed = pool.installed().filter((pkg) => !versions.has(pkg));
  return {
    packages,
    removed: pool.inNameOrder(removed).map((pkg) => {
      const { name, version, arch } = describe(pool.current(pkg));
      return { name, version, arch };
    }),
  };
}

/** A row of an answer. Written out: an answer has hundreds of these. */
export function resolvedPackage(known: Description, reason: PackageReason): ResolvedPackage {
  return {
    name: known.name,
    version: known.version,
    arch: known.arch,
    type: known.type,
    source: known.source,
    size: known.size,
    installedSize: known.installedSize,
    location: known.location,
    checksum: known.checksum,
    auto: reason.kind !== 'wanted',
    reason,
  };
}
