import Type from 'typebox';
import { Id } from './ids.ts';
import { SourceType } from './source.ts';

/** A source as a device gets it: what its package manager's configuration needs, and no secret. */
export const DesiredSource = Type.Object({
  id: Id,
  type: SourceType,
  /** Addresses without credentials. `flat`: the directory of the index itself. */
  urls: Type.Array(
    Type.Object({
      url: Type.String({ maxLength: 2048 }),
      component: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
      arch: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
    }),
    { maxItems: 1024 },
  ),
  base: Type.String({ maxLength: 2048 }),
  flat: Type.Boolean(),
  suite: Type.Union([Type.String({ maxLength: 2048 }), Type.Null()]),
  components: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 1024 }),
  archs: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 }),
  signedBy: Type.Union([Type.String({ maxLength: 1_000_000 }), Type.Null()]),
  trusted: Type.Boolean(),
  debsrc: Type.Boolean(),
  priority: Type.Integer(),
  include: Type.Array(Type.String({ maxLength: 256 })),
  exclude: Type.Array(Type.String({ maxLength: 256 })),
  options: Type.Record(Type.String(), Type.String()),
  /** The name of the secret with user and password, fetched from `/v1/secrets/NAME`. */
  auth: Type.Union([Id, Type.Null()]),
  /** Certificates of authorities (PEM), in the place of the device's own. */
  ca: Type.Optional(Type.String({ maxLength: 200_000 })),
  proxy: Type.Union([Type.String({ maxLength: 2048 }), Type.Null()]),
  /** The same as `auth` for the proxy. */
  proxyAuth: Type.Optional(Id),
  /** A file rendered by the server in place of the built-in form. */
  file: Type.Union([
    Type.Object({ path: Type.String({ maxLength: 1024 }), content: Type.String() }),
    Type.Null(),
  ]),
});
export interface DesiredSource {
  id: string;
  type: string;
  /** Every index: component and arch are null where the layout has none. */
  urls: { url: string; component: string | null; arch: string | null }[];
  /** `url` or `rawUrl` of the source, always with a slash at its end. */
  base: string;
  flat: boolean;
  suite: string | null;
  components: string[];
  /** In the repository's words, those that the device uses. */
  archs: string[];
  signedBy: string | null;
  trusted: boolean;
  debsrc: boolean;
  priority: number;
  include: string[];
  exclude: string[];
  options: Record<string, string>;
  auth: string | null;
  ca?: string;
  proxy: string | null;
  proxyAuth?: string;
  file: { path: string; content: string } | null;
}

/** How the device's package manager is to be used. */
export const PackagePolicy = Type.Object({
  version: Type.Union([Type.Literal('locked'), Type.Literal('auto')]),
  downgrade: Type.Boolean(),
  unmanaged: Type.Union([Type.Literal('keep'), Type.Literal('remove')]),
});
export interface PackagePolicy {
  /** `auto`: the lock names packages, the package manager picks their versions. */
  version: 'locked' | 'auto';
  downgrade: boolean;
  /** `remove`: packages that nobody asked for go. */
  unmanaged: 'keep' | 'remove';
}

/** The names of the secrets that sources need, each once. */
export function secretsOf(sources: readonly DesiredSource[]): string[] {
  const names = sources.flatMap(({ auth, proxyAuth }) => [auth ?? [], proxyAuth ?? []].flat());
  return [...new Set(names)];
}
