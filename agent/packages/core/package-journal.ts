import Type from 'typebox';
import { plainCheck } from '../../../proto/check.ts';
import { Point } from '../../../proto/desired.ts';
import { PackagePolicy } from '../../../proto/desired-source.ts';
import { InstalledPackage } from '../../../proto/lock.ts';

/** A desired state by its place and its content. */
const RevisionPoint = Type.Object({
  ...Point.properties,
  digest: Type.String(),
});
export interface RevisionPoint {
  epoch: string;
  revision: number;
  digest: string;
}

/**
 * A line of the journal of packages; each is on disk before what it announces is begun. The packets of the same transaction
 * have a journal of their own, which lives between `applying` and `committed`.
 */
export const PackageEntry = Type.Union([
  /** Source files will be replaced. `from` is the desired state that the device has. */
  Type.Object({
    entry: Type.Literal('begin'),
    version: Type.Literal(1),
    transaction: Type.String(),
    manager: Type.String(),
    from: Type.Union([RevisionPoint, Type.Null()]),
    to: RevisionPoint,
  }),
  /**
   * Packages will be installed. `lock` is the digest of a lock in the state directory, `asked` of the one that the desired
   * state names, `sources` of its sources; `before` is what there was.
   */
  Type.Object({
    entry: Type.Literal('applying'),
    lock: Type.String(),
    asked: Type.Union([Type.String(), Type.Null()]),
    sources: Type.String(),
    policy: PackagePolicy,
    managed: Type.Array(Type.String()),
    before: Type.Array(InstalledPackage),
  }),
  /** Packages are installed, packets are in their places: what is left is removal. */
  Type.Object({ entry: Type.Literal('committed') }),
]);
export type PackageEntry =
  | {
      entry: 'begin';
      version: 1;
      transaction: string;
      manager: string;
      from: RevisionPoint | null;
      to: RevisionPoint;
    }
  | {
      entry: 'applying';
      lock: string;
      asked: string | null;
      sources: string;
      policy: PackagePolicy;
      managed: string[];
      before: InstalledPackage[];
    }
  | { entry: 'committed' };

const isEntry = plainCheck(PackageEntry);

export const isPackageEntry = (value: unknown): value is PackageEntry => isEntry(value);
