import { createTextIndex } from './text-index.ts';
import { createTextReader, readTexts } from './text-table.ts';
import type { Universe } from './universe.ts';
import {
  flagOf,
  type IdLists,
  listOf,
  numbersOf,
  type TextColumn,
  type UniverseColumns,
} from './universe-columns.ts';

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
  const names = lazily(() => indexNames(columns));
  const owners = lazily(() => ownersByPath(columns, text));
  return {
    [tablesOf]: columns,
    family: columns.family,
    count: flags.length,
    textCount: columns.texts.offsets.length - 1,
    text,
    name: read('name'),
    names: () => readTexts(columns.texts, ids.name),
    version: read('version'),
    arch: remembered(ids.arch, text),
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
    named: (name) => names().named(name),
    providers: (name) => names().providers(name),
    owners: (path) => owners().get(path) ?? NONE,
    mention: (name) => names().mention(name),
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

/** A column that has few texts: each is decoded once. */
function remembered(column: Int32Array, text: (id: number) => string): (index: number) => string {
  const known = new Map<number, string>();
  return (index) => {
    const id = column[index] ?? 0;
    const found = known.get(id) ?? text(id);
    known.set(id, found);
    return found;
  };
}

/** What is found by a name: one index of texts for all of it. */
function indexNames(columns: UniverseColumns): Pick<Universe, 'named' | 'providers' | 'mention'> {
  const { ids, mentions, providedNames } = columns;
  const keys = allNames(columns);
  const keyOf = createTextIndex(columns.texts, keys);
  const places = placesOf(keys, columns.texts.offsets.length);
  const named = groupBy(
    ids.name.map((id) => places[id] as number),
    keys.length,
  );
  const provided = new Int32Array(keys.length).fill(-1);
  providedNames.forEach((id, key) => {
    provided[places[id] as number] = key;
  });
  return {
    named(name) {
      const key = keyOf(name);
      return key < 0 ? NONE : numbersOf(named, key);
    },
    providers(name) {
      const key = provided[keyOf(name)] ?? -1;
      return key < 0 ? NONE : numbersOf(columns.providers, key);
    },
    mention(name) {
      const key = keyOf(name);
      return key < mentions.length ? key : -1;
    },
  };
}

/** Text ids of all names, those that are mentioned first: their place is the rank of the mention. */
function allNames({ ids, mentions, providedNames }: UniverseColumns): Int32Array {
  if (mentions.length > 0) return mentions;
  return Int32Array.from(new Set([...ids.name, ...providedNames]));
}

/** By text id: the place in a list of text ids. */
function placesOf(list: Int32Array, textCount: number): Int32Array {
  const places = new Int32Array(textCount);
  list.forEach((id, place) => {
    places[id] = place;
  });
  return places;
}

/** Lists of the places that have a key, each in order. */
function groupBy(keys: Int32Array, count: number): IdLists {
  const starts = new Int32Array(count + 1);
  for (const key of keys) starts[key + 1] = (starts[key + 1] as number) + 1;
  for (let key = 0; key < count; key += 1)
    starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  const next = starts.slice();
  const values = new Int32Array(keys.length);
  keys.forEach((key, place) => {
    values[next[key] as number] = place;
    next[key] = (next[key] as number) + 1;
  });
  return { starts, values };
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
