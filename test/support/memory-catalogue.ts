import { sha256Of } from '../../proto/digest.ts';
import type { PackageRecord } from '../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../server/resolver/core/universe-builder.ts';
import type { LoadedIndex } from '../../server/sources/catalogue.ts';

type Relations = PackageRecord['relations'];

/** A package of an APT index, `amd64` unless said otherwise. */
export function deb(
  name: string,
  version: string,
  relations: Relations = {},
  more: Partial<PackageRecord> = {},
): PackageRecord {
  return { name, version, arch: 'amd64', relations, size: 10, installedSize: 20, ...more };
}

/** What sources offer, without repositories: a test says it. */
export class MemoryCatalogue {
  readonly #indexes = new Map<string, LoadedIndex[]>();
  readonly #listeners = new Set<(ids: readonly string[]) => void>();

  indexesOf = (source: string): readonly LoadedIndex[] => this.#indexes.get(source) ?? [];

  onChange = (listener: (ids: readonly string[]) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** As if a refresh had found these packages. Architectures have an index each, which has those for any as well. */
  offer(
    source: string,
    records: readonly PackageRecord[],
    family: 'deb' | 'rpm' = 'deb',
    archs: readonly string[] = ['amd64'],
  ): void {
    this.prepare(source, records, family, archs);
    this.tell(source);
  }

  /** The same without telling anybody. */
  prepare(
    source: string,
    records: readonly PackageRecord[],
    family: 'deb' | 'rpm' = 'deb',
    archs: readonly string[] = ['amd64'],
  ): void {
    const indexes = archs.map((arch) => indexOf(source, arch, family, records));
    this.#indexes.set(source, indexes);
  }

  tell(source: string): void {
    for (const listener of this.#listeners) listener([source]);
  }
}

function indexOf(
  source: string,
  arch: string,
  family: 'deb' | 'rpm',
  records: readonly PackageRecord[],
): LoadedIndex {
  const own = records.filter((one) => [arch, 'all', 'noarch'].includes(one.arch));
  const builder = createUniverseBuilder(family);
  for (const record of own) builder.add(record);
  const digest = sha256Of(JSON.stringify(own));
  return {
    source,
    address: { component: 'main', arch, url: `https://deb.example.org/${source}/${arch}/` },
    universe: builder.build(),
    facts: {
      ...{ digest, date: null, validUntil: null },
      ...{ notAutomatic: false, butAutomaticUpgrades: false },
    },
    fetchedAt: 0,
    digest,
  };
}
