import { createTextReader } from './text-table.ts';
import type { Universe } from './universe.ts';
import { flagOf, listOf, type TextColumn, type UniverseColumns } from './universe-columns.ts';

const NONE: readonly number[] = [];

const tablesOf = Symbol('tables');

interface TableUniverse extends Universe {
  readonly [tablesOf]: UniverseColumns;
}

/** The tables under a universe that `createUniverse` made. */
export function columnsOf(universe: Universe): UniverseColumns {
  return (universe as TableUniverse)[tablesOf];
}

/** A universe over its tables. Indexes by name are made at the first look-up. */
export function createUniverse(columns: UniverseColumns): TableUniverse {
  const { ids, flags, sizes, installedSizes } = columns;
  const text = createTextReader(columns.texts);
  const read = (column: TextColumn) => {
    const of = ids[column];
    return (index: number): string => text(of[index] ?? 0);
  };
  const flag = (index: number): number => flags[index] ?? 0;
  const named = lazily(() => indexByText(ids.name, text));
  const providers = lazily(() => keysByText(columns.providedNames, text));
  const mentions = lazily(() => keysByText(columns.mentions, text));
  const owners = lazily(() => ownersByPath(columns, text));
  return {
    [tablesOf]: columns,
    family: columns.family,
    count: flags.length,
    textCount: columns.texts.offsets.length - 1,
    text,
    name: read('name'),
    version: read('version'),
    arch: read('arch'),
    relation: (index, kind) => ids[kind][index] ?? 0,
    multiArch: (index) => flagOf.multiArch(flag(index)),
    essential: (index) => flagOf.essential(flag(index)),
    protected: (index) => flagOf.protected(flag(index)),
    priority: (index) => flagOf.priority(flag(index)),
    section: read('section'),
    sourcePackage: read('sourcePackage'),
    location: read('location'),
    checksum: read('checksum'),
    summary: read('summary'),
    size: (index) => sizes[index] ?? 0,
    installedSize: (index) => installedSizes[index] ?? 0,
    files: (index) => Array.from(listOf(columns.files, index), text),
    named: (name) => named().get(name) ?? NONE,
    providers: (name) => {
      const key = providers().get(name);
      return key === undefined ? NONE : Array.from(listOf(columns.providers, key));
    },
    owners: (path) => owners().get(path) ?? NONE,
    mention: (name) => mentions().get(name) ?? -1,
    bytes: bytesOf(columns),
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Packages by name; the text of a name is decoded once. */
function indexByText(names: Int32Array, text: (id: number) => string): Map<string, number[]> {
  const byId = new Map<number, number[]>();
  const byText = new Map<string, number[]>();
  for (let index = 0; index < names.length; index += 1) {
    const id = names[index] ?? 0;
    const known = byId.get(id);
    if (known) {
      known.push(index);
      continue;
    }
    const list = [index];
    byId.set(id, list);
    byText.set(text(id), list);
  }
  return byText;
}

function keysByText(ids: Int32Array, text: (id: number) => string): Map<string, number> {
  const keys = new Map<string, number>();
  ids.forEach((id, key) => {
    keys.set(text(id), key);
  });
  return keys;
}

function ownersByPath(
  { files }: UniverseColumns,
  text: (id: number) => string,
): Map<string, number[]> {
  const byId = new Map<number, number[]>();
  for (let index = 0; index + 1 < files.starts.length; index += 1)
    for (const id of listOf(files, index)) {
      const owners = byId.get(id);
      if (owners) owners.push(index);
      else byId.set(id, [index]);
    }
  return new Map(Array.from(byId, ([id, owners]) => [text(id), owners]));
}

function bytesOf({ texts, ids, files, providers, ...rest }: UniverseColumns): number {
  const tables: ArrayBufferView[] = [
    ...[texts.bytes, texts.offsets, ...Object.values(ids)],
    ...[files.starts, files.values, providers.starts, providers.values],
    ...[rest.flags, rest.mentions, rest.sizes, rest.installedSizes, rest.providedNames],
  ];
  return tables.reduce((sum, table) => sum + table.byteLength, 0);
}
