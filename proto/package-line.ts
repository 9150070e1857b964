import Type from 'typebox';

/** The kinds of packages of a device's own package manager. */
export const packageTypes = ['deb', 'rpm'] as const;
export type PackageType = (typeof packageTypes)[number];
export const PackageType = Type.Unsafe<PackageType>(
  Type.Union(packageTypes.map((type) => Type.Literal(type))),
);

/**
 * Names of packages, and what package managers take for one: `@web-server` (a group of yum's comps), `/usr/bin/awk` (a
 * file) and capabilities such as `perl(Getopt::Long)`.
 */
export const PACKAGE_NAME_PATTERN = '^[@/]?[A-Za-z0-9][A-Za-z0-9+._:()/@~-]{0,255}$';
export const PackageName = Type.String({ pattern: PACKAGE_NAME_PATTERN, maxLength: 257 });

/** The long form of a line. */
export const PackageWish = Type.Object(
  {
    name: PackageName,
    /** `1.22.1-9`, `1.22.*`, `>=1.22 <2`: in the order of the package manager; absent: the best there is. */
    version: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    /** The line is for devices with packages of this type only. */
    type: Type.Optional(PackageType),
    /** An architecture in the package manager's own words. */
    arch: Type.Optional(Type.String({ pattern: '^[a-z0-9_-]{1,32}$' })),
    /** False: installed files are not compared with the package. */
    verify: Type.Optional(Type.Boolean()),
    /** Whether what the package recommends is added; overrides the source and the spec. */
    recommended: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export interface PackageWish {
  name: string;
  version?: string;
  type?: PackageType;
  arch?: string;
  verify?: boolean;
  recommended?: boolean;
}
/** A line of a spec: a package that devices should have. */
export const PackageLine = Type.Union([PackageName, PackageWish]);
export type PackageLine = string | PackageWish;

/** The long form of a line. */
export function packageWish(line: PackageLine): PackageWish {
  return typeof line === 'string' ? { name: line } : line;
}
