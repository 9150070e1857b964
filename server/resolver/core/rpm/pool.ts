import { createRoom, type SearchRoom } from '../search/room.ts';
import type { PackageRecord, RelationKind } from '../universe.ts';
import type { View } from '../view.ts';
import type { Flavour } from './flavour.ts';
import type { LastingClauses } from './lasting.ts';
import { type Plain, parseRelations, type Relation, relationText } from './relation.ts';
import { parseEvr } from './version.ts';

/**
 * A view and what is installed, as one: packages are numbers, those of the view first, then the installed ones. An
 * installed package that the view has too stands here twice (`twin`).
 */
export interface Pool {
  readonly view: View;
  readonly flavour: Flavour;
  /** The highest number of a package. */
  readonly count: number;
  readonly installed: readonly number[];
  isInstalled(id: number): boolean;
  name(id: number): string;
  version(id: number): string;
  arch(id: number): string;
  /** Installed packages come first, then those of the sources in their order. */
  order(id: number): number;
  /** Higher wins; of an installed package null. */
  priority(id: number): number | null;
  relations(id: number, kind: RelationKind): readonly Relation[];
  /** The relations as they stand in the index. */
  relationText(id: number, kind: RelationKind): string;
  /** Files that the index lists. */
  files(id: number): readonly string[];
  /** Packages of that name, ascending. */
  named(name: string): readonly number[];
  /** Whether the package itself, not what it provides, has the relation's name and lies in its range. */
  isWithin(id: number, relation: Plain): boolean;
  /** Packages that meet a relation, ascending. */
  providers(relation: Plain): readonly number[];
  /** What was worked out once. */
  readonly worked: Worked;
  /** 0 for an independent architecture, then 1 for the native one, and so on; null: cannot be installed. */
  archRank(id: number): number | null;
  /** Packages whose relation of that kind mentions a name, ascending. Nobody's dependencies are asked for so. */
  mentioning(kind: MentionKind, name: string): readonly number[];
}

export interface Worked {
  /** What must hold so that a relation is met, or is not (`rich.ts`). */
  met: WeakMap<Relation, Clauses>;
  unmet: WeakMap<Relation, Clauses>;
  /** Clauses that hold whatever is asked (`lasting.ts`). */
  lasting: Map<string, LastingClauses>;
  /** By package: the names it answers to (`weak.ts`), and paths that it needs and nobody owns (`solve.ts`). */
  names: Map<number, readonly string[]>;
  unowned: Map<number, readonly string[]>;
  /** What searches keep their assignments in, one after the other. */
  room: SearchRoom;
}

/** Lists of literals; of each list at least one must hold. */
export type Clauses = readonly (readonly number[])[];

export const mentionKinds = [
  'conflicts',
  'obsoletes',
  'recommends',
  'suggests',
  'supplements',
] as const;
export type MentionKind = (typeof mentionKinds)[number];

export interface PoolOptions {
  view: View;
  flavour: Flavour;
  installed: readonly PackageRecord[];
  /** Null: every architecture is as good as another. */
  archs: readonly string[] | null;
  /** Packages of the view that own a path, where the view does not know. */
  owners?: (path: string) => readonly number[];
  /** The id of a source whose packages do not count, for they are those that are installed. */
  hiddenSource?: string;
}

/** Puts a view and what is installed together. */
export function createPool(options: PoolOptions): Pool {
  const { view, flavour, installed: records } = options;
  const first = view.count + 1;
  const record = (id: number): PackageRecord | undefined =>
    id < first ? undefined : records[id - first];
  const installedBy = indexInstalled(records, first);
  const known = new Map<string, readonly number[]>();
  const relations = relationReader(view, record);
  const hides = view.sources.some(({ id }) => id === options.hiddenSource);
  const visible = (ids: readonly number[]): readonly number[] =>
    hides ? ids.filter((id) => view.source(id).id !== options.hiddenSource) : ids;
  const joined = (ids: readonly number[], own: readonly number[] | undefined): readonly number[] =>
    own === undefined ? visible(ids) : [...visible(ids), ...own];
  const mentions = mentionsInView(view, relations);

  function providers(relation: Plain): readonly number[] {
    const key = relationText(relation);
    let found = known.get(key);
    if (found === undefined) {
      found = [...fromView(relation, key), ...fromInstalled(relation)];
      known.set(key, found);
    }
    return found;
  }

  function fromView(relation: Plain, key: string): readonly number[] {
    const remembered = view.memo('rpm-providers', () => new Map<string, readonly number[]>());
    let found = remembered.get(key);
    if (found === undefined) {
      const { name } = relation;
      const meeting = new Set([
        ...view.named(name).filter((id) => meetsByName(id, relation)),
        ...view.providers(name).filter((id) => meetsByProvide(id, relation)),
        ...(relation.evr === null && name.startsWith('/') ? view.owners(name) : []),
      ]);
      found = [...visible([...meeting])].sort((a, b) => a - b);
      remembered.set(key, found);
    }
    if (found.length > 0 || !relation.name.startsWith('/')) return found;
    return options.owners?.(relation.name) ?? found;
  }

  const fromInstalled = (relation: Plain): number[] =>
    (installedBy.providers.get(relation.name) ?? []).filter(
      (id) =>
        (pool.name(id) === relation.name && meetsByName(id, relation)) ||
        meetsByProvide(id, relation) ||
        (relation.evr === null && (record(id)?.files ?? []).includes(relation.name)),
    );
  const meetsByName = (id: number, relation: Plain): boolean =>
    relation.evr === null ||
    flavour.meets({ ...relation, comparison: '=', evr: parseEvr(pool.version(id)) }, relation);
  const meetsByProvide = (id: number, relation: Plain): boolean =>
    relations(id, 'provides').some(
      (provided) =>
        provided.kind === 'plain' &&
        provided.name === relation.name &&
        flavour.meets(provided, relation),
    );

  const named = (name: string): readonly number[] =>
    joined(view.named(name), installedBy.names.get(name));

  const pool: Pool = {
    view,
    flavour,
    count: view.count + records.length,
    installed: records.map((_, index) => first + index),
    isInstalled: (id) => id >= first,
    name: (id) => record(id)?.name ?? view.name(id),
    version: (id) => record(id)?.version ?? view.version(id),
    arch: (id) => record(id)?.arch ?? view.arch(id),
    order: (id) => (id >= first ? id - view.count - records.length - 1 : id),
    priority: (id) => (id >= first ? null : view.priority(id)),
    relations,
    relationText: (id, kind) =>
      id >= first ? (record(id)?.relations[kind] ?? '') : view.relation(id, kind),
    files: (id) =>
      id >= first ? (record(id)?.files ?? []) : view.universe(id).files(view.index(id)),
    named,
    worked: {
      ...{ met: new WeakMap(), unmet: new WeakMap(), lasting: new Map() },
      ...{ names: new Map(), unowned: new Map(), room: createRoom(0) },
    },
    isWithin: (id, relation) => pool.name(id) === relation.name && meetsByName(id, relation),
    providers,
    archRank: (id) => archRank(options.archs, pool.arch(id)),
    mentioning: (kind, name) =>
      joined(mentions(kind).get(name) ?? NONE, installedBy.mentions[kind].get(name)),
  };
  return pool;
}

function archRank(archs: readonly string[] | null, arch: string): number | null {
  if (arch === 'noarch' || arch === 'all') return 0;
  if (archs === null) return 1;
  const place = archs.indexOf(arch);
  return place < 0 ? null : place + 1;
}

function relationReader(view: View, record: (id: number) => PackageRecord | undefined) {
  const byKey = view.memo('rpm-relations', () => new Map<number, readonly Relation[]>());
  const ofInstalled = new Map<string, readonly Relation[]>();
  return (id: number, kind: RelationKind): readonly Relation[] => {
    const installed = record(id);
    if (installed !== undefined) {
      const text = installed.relations[kind] ?? '';
      return text === '' ? [] : remembered(ofInstalled, text, () => parseRelations(text));
    }
    const key = view.relationKey(id, kind);
    return key === 0 ? [] : remembered(byKey, key, () => parseRelations(view.relation(id, kind)));
  };
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

/** The names in a relation, rich ones included. */
export function namesIn(relation: Relation): string[] {
  if (relation.kind === 'plain') return [relation.name];
  const { left, right, otherwise } = relation;
  return [left, right, ...(otherwise === null ? [] : [otherwise])].flatMap(namesIn);
}

/** By kind of relation, the packages of the view whose relations mention a name. */
function mentionsInView(
  view: View,
  relations: (id: number, kind: RelationKind) => readonly Relation[],
): (kind: MentionKind) => ReadonlyMap<string, readonly number[]> {
  const make = (kind: MentionKind): Map<string, number[]> => {
    const made = new Map<string, number[]>();
    for (let id = 1; id <= view.count; id += 1)
      if (view.relationKey(id, kind) !== 0 && view.named(view.name(id)).includes(id))
        mention(made, id, relations(id, kind));
    return made;
  };
  const known = new Map<MentionKind, ReadonlyMap<string, readonly number[]>>();
  return (kind) => {
    let byName = known.get(kind);
    if (byName === undefined) {
      byName = view.memo(`rpm-mentions-${kind}`, () => make(kind));
      known.set(kind, byName);
    }
    return byName;
  };
}

const NONE: readonly number[] = [];

function mention(byName: Map<string, number[]>, id: number, relations: readonly Relation[]): void {
  for (const name of new Set(relations.flatMap(namesIn)))
    remembered(byName, name, (): number[] => []).push(id);
}

interface InstalledIndex {
  names: Map<string, number[]>;
  providers: Map<string, number[]>;
  mentions: Record<MentionKind, Map<string, number[]>>;
}

function indexInstalled(records: readonly PackageRecord[], first: number): InstalledIndex {
  const made: InstalledIndex = {
    names: new Map(),
    providers: new Map(),
    mentions: {
      conflicts: new Map(),
      obsoletes: new Map(),
      recommends: new Map(),
      suggests: new Map(),
      supplements: new Map(),
    },
  };
  for (const [index, { name, relations, files }] of records.entries()) {
    const id = first + index;
    remembered(made.names, name, (): number[] => []).push(id);
    const provided = parseRelations(relations.provides ?? '').flatMap(namesIn);
    for (const one of new Set([name, ...provided, ...(files ?? [])]))
      remembered(made.providers, one, (): number[] => []).push(id);
    for (const kind of mentionKinds)
      mention(made.mentions[kind], id, parseRelations(relations[kind] ?? ''));
  }
  return made;
}
