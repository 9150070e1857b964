import Type from 'typebox';
import { Id } from './ids.ts';
import { Selector } from './selector.ts';

const Text = Type.String({ minLength: 1, maxLength: 2048 });
const Names = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 1024 });

/** The kind of a repository: `apt`, `yum`, or one that was added to the server. */
export const SourceType = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' });

/** The kinds that come with jamesd. */
export const shippedSourceTypes: readonly string[] = ['apt', 'yum'];

/** A repository of packages, mapped to devices by system, architecture and labels. */
export const Source = Type.Object(
  {
    kind: Type.Literal('Source'),
    id: Id,
    type: SourceType,
    /** Where the repository begins; with `suite`, `components` and `archs` it gives the addresses of indexes. */
    url: Type.Optional(Text),
    /** In place of `url`: the directory of one index (a flat APT repository, the parent of `repodata/`). */
    rawUrl: Type.Optional(Text),
    suite: Type.Optional(Text),
    /** The same field as `suite`, under Bcfg2's name. */
    version: Type.Optional(Text),
    components: Type.Optional(Names),
    /** In the repository's own words: `amd64`, `x86_64`. Empty: those of the device. */
    archs: Type.Optional(Names),
    target: Selector,
    /** False: neither operating system nor architecture is asked for, only `target`. */
    magic: Type.Optional(Type.Boolean()),
    /** Armored OpenPGP public keys, one after the other; one good signature of one of them is needed. */
    signedBy: Type.Optional(Type.String({ maxLength: 1_000_000 })),
    /** True: an index without signature is taken. Needs to be said where `signedBy` is absent. */
    trusted: Type.Optional(Type.Boolean()),
    recommended: Type.Optional(Type.Boolean()),
    essential: Type.Optional(Type.Boolean()),
    /** Names or globs; if present, no other package of the source counts. */
    include: Type.Optional(Names),
    /** Names or globs of packages that do not count. */
    exclude: Type.Optional(Names),
    /** As an APT pin; 500 by default, a higher one wins over versions. */
    priority: Type.Optional(Type.Integer({ minimum: -32_768, maximum: 32_767 })),
    /** False: no index is fetched; the device's package manager picks versions. */
    metadata: Type.Optional(Type.Boolean()),
    /** False: no prerequisites are added. */
    resolver: Type.Optional(Type.Boolean()),
    debsrc: Type.Optional(Type.Boolean()),
    /** Further lines for the client's configuration, as they are. */
    options: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' }), Text),
    ),
    /** The name of a secret that holds user and password. */
    auth: Type.Optional(Id),
    /** Certificates of authorities (PEM): the source's own certificate must be signed by one of them, and by no other. */
    ca: Type.Optional(Type.String({ maxLength: 200_000 })),
    proxy: Type.Optional(Text),
    /** The name of a secret that holds user and password for the proxy. */
    proxyAuth: Type.Optional(Id),
    /** A liquid template that takes the place of the generated configuration, and the file it goes to. */
    template: Type.Optional(Type.String({ maxLength: 65_536 })),
    path: Type.Optional(Type.String({ pattern: '^/[^\\u0000-\\u001f]+$', maxLength: 1024 })),
  },
  { additionalProperties: false },
);
/** Without `kind` and `version`: `suite` alone is kept. */
export interface Source {
  id: string;
  type: string;
  url?: string;
  rawUrl?: string;
  suite?: string;
  components?: string[];
  archs?: string[];
  target: Selector;
  magic?: boolean;
  signedBy?: string;
  trusted?: boolean;
  recommended?: boolean;
  essential?: boolean;
  include?: string[];
  exclude?: string[];
  priority?: number;
  metadata?: boolean;
  resolver?: boolean;
  debsrc?: boolean;
  options?: Record<string, string>;
  auth?: string;
  ca?: string;
  proxy?: string;
  proxyAuth?: string;
  template?: string;
  path?: string;
}
