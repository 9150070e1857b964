import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { isId } from '../../proto/ids.ts';
import { writeDurably } from './snapshots.ts';

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** The last good state of a source, as it is kept on disk. Whoever reads another version fetches anew. */
export const Manifest = Type.Object({
  schema: Type.Literal('jamesd.source-manifest/1'),
  source: Type.String(),
  type: Type.String(),
  /** Of what the document says about fetching: another one means that everything is read again. */
  fingerprint: Type.String(),
  /** When the repository last confirmed it, ms since 1970. */
  confirmedAt: Type.Number(),
  paths: Type.Array(Type.String()),
  roots: Type.Array(Type.String()),
  files: Type.Record(
    Type.String(),
    Type.Object({
      sha256: Hash,
      sha512: Type.String(),
      size: Type.Number(),
      etag: Nullable(Type.String()),
      lastModified: Nullable(Type.String()),
    }),
  ),
  indexes: Type.Array(
    Type.Object({
      address: Type.Object({
        component: Nullable(Type.String()),
        arch: Nullable(Type.String()),
        url: Type.String(),
      }),
      facts: Type.Object({
        digest: Type.String(),
        date: Nullable(Type.Number()),
        validUntil: Nullable(Type.Number()),
        notAutomatic: Type.Boolean(),
        butAutomaticUpgrades: Type.Boolean(),
      }),
      digest: Hash,
      packages: Type.Number(),
    }),
  ),
});
export type Manifest = Static<typeof Manifest>;
export const MANIFEST_SCHEMA = 'jamesd.source-manifest/1';

/** Manifests on disk, one file for each source. */
export interface Manifests {
  /** Those that can be read; others are as if they were not there. */
  all(): Promise<Manifest[]>;
  /** Durable when it resolves. Throws `no-space`. */
  write(manifest: Manifest): Promise<void>;
  remove(source: string): Promise<void>;
  /** Removes everything but these, and what a killed process left half written. */
  keepOnly(sources: ReadonlySet<string>): Promise<void>;
}

export function createManifests(directory: string): Manifests {
  const pathOf = (source: string): string => join(directory, `${source}.json`);
  return {
    async all() {
      const names = await readdir(directory).catch(() => []);
      const sources = names
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -5));
      const found = await Promise.all(sources.filter(isId).map((id) => read(pathOf(id), id)));
      return found.filter((manifest) => manifest !== null);
    },
    write: (manifest) => writeDurably(pathOf(manifest.source), JSON.stringify(manifest)),
    remove: (source) => rm(pathOf(source), { force: true }),
    async keepOnly(sources) {
      const kept = new Set([...sources].map((source) => `${source}.json`));
      for (const name of await readdir(directory).catch(() => []))
        if (!kept.has(name)) await rm(join(directory, name), { force: true });
    },
  };
}

async function read(path: string, source: string): Promise<Manifest | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Value.Check(Manifest, value) && value.source === source ? value : null;
  } catch {
    return null;
  }
}
