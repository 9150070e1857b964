import Type from 'typebox';
import { digestOf } from './digest.ts';
import { Digest, Id } from './ids.ts';
import { PackageName, PackageType } from './package-line.ts';

export const LOCK_SCHEMA = 'jamesd.lock/1';
/** A device that sends its list has at most this many packages. */
export const MAX_INSTALLED = 32_768;

/** A package that a device shall have. */
export const LockedPackage = Type.Object({
  name: PackageName,
  /** The exact version in the package manager's writing (`2:1.0-1`); null: the device's package manager picks it. */
  version: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
  /** In the package manager's own words; `all` or `noarch` for any. */
  arch: Type.String({ maxLength: 32 }),
  /** No spec names it: a prerequisite, to be marked as automatically installed. */
  auto: Type.Boolean(),
  /** False: its files are not verified. */
  verify: Type.Boolean(),
  source: Type.Union([Id, Type.Null()]),
  /** Bytes of the package's file and of what it holds, as the index says; 0 if unknown. */
  size: Type.Integer({ minimum: 0 }),
  installedSize: Type.Integer({ minimum: 0 }),
});
export interface LockedPackage {
  name: string;
  version: string | null;
  arch: string;
  auto: boolean;
  verify: boolean;
  source: string | null;
  size: number;
  installedSize: number;
}

/** The exact packages of devices, shared by all that resolve alike; named by the digest of its canonical JSON. */
export const Lock = Type.Object({
  schema: Type.Literal(LOCK_SCHEMA),
  type: PackageType,
  packages: Type.Array(LockedPackage, { maxItems: 65_536 }),
  /** Wanted names that cannot be served: the device keeps what it has of them, with its prerequisites. */
  keep: Type.Array(Type.Object({ name: PackageName, problem: Type.String({ maxLength: 64 }) }), {
    maxItems: 4096,
  }),
});
export interface Lock {
  schema: typeof LOCK_SCHEMA;
  type: PackageType;
  /** Sorted by name, then architecture. */
  packages: LockedPackage[];
  keep: { name: string; problem: string }[];
}

/** How a desired document names its lock. `url` is a path on the server. */
export const LockRef = Type.Object({
  digest: Digest,
  url: Type.String({ maxLength: 2048 }),
  count: Type.Integer({ minimum: 0 }),
});
export interface LockRef {
  digest: string;
  url: string;
  count: number;
}

/** A package that a device has, as it tells the server to get an answer of its own. */
export const InstalledPackage = Type.Object({
  name: PackageName,
  version: Type.String({ minLength: 1, maxLength: 256 }),
  arch: Type.String({ maxLength: 32 }),
  auto: Type.Boolean(),
  /** It must not be changed. */
  hold: Type.Optional(Type.Boolean()),
});
export interface InstalledPackage {
  name: string;
  version: string;
  arch: string;
  auto: boolean;
  hold?: boolean;
}

/**
 * Body of `POST devices/{id}/resolve`: the device asks for an answer for what it has installed. `lock` is the digest of
 * the lock that its desired state names. Without `installed` the server answers if it knows the list of that digest,
 * otherwise with `installed-list-needed` (409). The answer is a Lock.
 */
export const DeviceResolveRequest = Type.Object(
  {
    lock: Digest,
    /** `installedDigest` of the list. */
    installedDigest: Digest,
    installed: Type.Optional(Type.Array(InstalledPackage, { maxItems: MAX_INSTALLED })),
  },
  { additionalProperties: false },
);
export interface DeviceResolveRequest {
  lock: string;
  installedDigest: string;
  installed?: InstalledPackage[];
}

/** The digest of a list of installed packages, whatever its order. */
export function installedDigest(installed: readonly InstalledPackage[]): string {
  const lines = installed.map(({ name, version, arch, auto, hold }) =>
    [name, arch, version, auto, hold === true].join(' '),
  );
  return digestOf(lines.sort());
}
