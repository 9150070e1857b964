import { matchesGlob } from './glob.ts';
import type { Family, RelationKind, Universe } from './universe.ts';

/** A source as a view sees it. */
export interface ViewSource {
  id: string;
  universes: readonly Universe[];
  /** As an APT pin: 500 by default, below 0 never, from 1000 on also to a lower version. */
  priority: number;
  /** Whether weak dependencies of its packages are followed, where the request does not say. */
  recommended: boolean;
  /** Whether its essential packages count as essential. */
  essential: boolean;
  /** Names or globs; if there are any, no other package counts. */
  include: readonly string[];
  /** Names or globs of packages that do not count. */
  exclude: readonly string[];
  /** Only packages for any architecture count (`all`, `noarch`). */
  onlyIndependent: boolean;
  notAutomatic: boolean;
  butAutomaticUpgrades: boolean;
}

export interface ViewDefinition {
  family: Family;
  /** In the family's words; the first is the native one. */
  archs: readonly string[];
  /** In order: of equal packages with equal priority the first source's counts. */
  sources: readonly ViewSource[];
}

/** Why a package of the sources does not count. */
export type Hidden = 'excluded' | 'not-included' | 'arch' | 'never';

/**
 * What the devices of one labelset can get: packages are numbers from 1 to `count`. What is asked once is remembered, so
 * a view that is kept answers faster.
 */
export interface View {
  readonly family: Family;
  readonly archs: readonly string[];
  readonly sources: readonly ViewSource[];
  readonly count: number;
  name(id: number): string;
  version(id: number): string;
  arch(id: number): string;
  source(id: number): ViewSource;
  universe(id: number): Universe;
  /** The package's number in its universe. */
  index(id: number): number;
  /** The text of a relation field, '' if there is none. */
  relation(id: number, kind: RelationKind): string;
  /** A number that packages with the same text of one universe share; 0 if there is none. */
  relationKey(id: number, kind: RelationKind): number;
  /** The pin of the source: 1 or 100 for one that is not automatic and has no priority of its own. */
  priority(id: number): number;
  /** Packages that count and have this name: each version and architecture once, by the highest priority, then the order. */
  named(name: string): readonly number[];
  /** Packages that count and whose Provides mention the name. */
  providers(name: string): readonly number[];
  /** Packages that count and list the file. */
  owners(path: string): readonly number[];
  /** All packages that count. */
  all(): readonly number[];
  /** Packages of this name that do not count, and why. */
  hidden(name: string): readonly { id: number; why: Hidden }[];
  /** The rank of a name's first mention over all universes in order. */
  mention(name: string): number;
  /** What a family derives from the view, made once. */
  memo<T>(key: string, make: () => T): T;
}

const INDEPENDENT: Record<Family, string> = { deb: 'all', rpm: 'noarch' };
export const DEFAULT_PRIORITY = 500;
/** The id of the source that holds what is installed and what no other source may offer. */
export const INSTALLED_SOURCE = 'now';

/** Whether the architecture is the family's word for any. */
export function isIndependent(family: Family, arch: string): boolean {
  return arch === INDEPENDENT[family];
}

/** Puts sources together. Costs little; work is done when something is asked. */
export function createView(definition: ViewDefinition): View {
  const parts = partsOf(definition.sources);
  const count = parts.reduce((sum, { universe }) => sum + universe.count, 0);
  const partOf = new Uint16Array(count + 1);
  for (const [index, { base, universe }] of parts.entries())
    partOf.fill(index, base, base + universe.count);
  const part = (id: number): Part => parts[partOf[id] ?? 0] as Part;
  const isVisible = visibility(definition);
  const memos = new Map<string, unknown>();
  const named = remember((name: string) => distinct(gather(parts, name, 'named', isVisible)));
  const keepDistinct = (ids: readonly number[]): number[] =>
    ids.filter((id) => named(nameOf(id)).includes(id));
  const nameOf = (id: number): string => part(id).universe.name(id - part(id).base);
  const priority = (id: number): number => effectivePriority(part(id).source);

  /** One of each name, version and architecture. */
  function distinct(ids: number[]): number[] {
    if (ids.length < 2) return ids;
    const best = new Map<string, number>();
    for (const id of ids) {
      const key = `${view.version(id)} ${view.arch(id)}`;
      const known = best.get(key);
      if (known === undefined || priority(id) > priority(known)) best.set(key, id);
    }
    return [...best.values()].sort((a, b) => a - b);
  }

  const view: View = {
    family: definition.family,
    archs: definition.archs,
    sources: definition.sources,
    count,
    name: nameOf,
    version: (id) => part(id).universe.version(id - part(id).base),
    arch: (id) => part(id).universe.arch(id - part(id).base),
    source: (id) => part(id).source,
    universe: (id) => part(id).universe,
    index: (id) => id - part(id).base,
    relation(id, kind) {
      const { universe, base } = part(id);
      return universe.text(universe.relation(id - base, kind));
    },
    relationKey(id, kind) {
      const { universe, base, textBase } = part(id);
      const text = universe.relation(id - base, kind);
      return text === 0 ? 0 : textBase + text;
    },
    priority,
    named,
    providers: remember((name) => keepDistinct(gather(parts, name, 'providers', isVisible))),
    owners: remember((path) => keepDistinct(gather(parts, path, 'owners', isVisible))),
    all: () => allOf(parts, isVisible, named),
    hidden: (name) =>
      parts.flatMap((one) =>
        one.universe.named(name).flatMap((index) => {
          const why = isVisible.reason(one, index);
          return why === null ? [] : [{ id: one.base + index, why }];
        }),
      ),
    mention: (name) => mentionOf(parts, name),
    memo<T>(key: string, make: () => T): T {
      if (!memos.has(key)) memos.set(key, make());
      return memos.get(key) as T;
    },
  };
  return view;
}

interface Part {
  source: ViewSource;
  universe: Universe;
  /** The id of its first package. */
  base: number;
  /** Added to text ids, so that keys of relations are unique in the view. */
  textBase: number;
}

function partsOf(sources: readonly ViewSource[]): Part[] {
  const parts: Part[] = [];
  let base = 1;
  let textBase = 0;
  for (const source of sources)
    for (const universe of source.universes) {
      parts.push({ source, universe, base, textBase });
      base += universe.count;
      textBase += universe.textCount;
    }
  return parts;
}

function remember<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

function effectivePriority(source: ViewSource): number {
  if (!source.notAutomatic || source.priority !== DEFAULT_PRIORITY) return source.priority;
  return source.butAutomaticUpgrades ? 100 : 1;
}

/** Says of a package of a part whether it counts, or why not. */
interface Visibility {
  (part: Part, index: number): boolean;
  reason(part: Part, index: number): Hidden | null;
}

function visibility({ family, archs }: ViewDefinition): Visibility {
  const reason = ({ source, universe }: Part, index: number): Hidden | null => {
    const arch = universe.arch(index);
    const independent = isIndependent(family, arch);
    const isHere = source.id === INSTALLED_SOURCE;
    if (!independent && !isHere && (source.onlyIndependent || !archs.includes(arch))) return 'arch';
    if (source.priority < 0) return 'never';
    if (source.include.length === 0 && source.exclude.length === 0) return null;
    const name = universe.name(index);
    if (source.include.length > 0 && !matchesGlob(source.include, name)) return 'not-included';
    return matchesGlob(source.exclude, name) ? 'excluded' : null;
  };
  return Object.assign((part: Part, index: number) => reason(part, index) === null, { reason });
}

function gather(
  parts: readonly Part[],
  key: string,
  table: 'named' | 'providers' | 'owners',
  isVisible: Visibility,
): number[] {
  const ids: number[] = [];
  for (const part of parts)
    for (const index of part.universe[table](key))
      if (isVisible(part, index)) ids.push(part.base + index);
  return ids;
}

function allOf(
  parts: readonly Part[],
  isVisible: Visibility,
  named: (name: string) => readonly number[],
): number[] {
  const ids: number[] = [];
  for (const part of parts)
    for (let index = 0; index < part.universe.count; index += 1)
      if (isVisible(part, index) && named(part.universe.name(index)).includes(part.base + index))
        ids.push(part.base + index);
  return ids;
}

/** A name that only a later universe mentions comes after all names of the earlier ones. */
function mentionOf(parts: readonly Part[], name: string): number {
  for (const [place, { universe }] of parts.entries()) {
    const rank = universe.mention(name);
    if (rank >= 0) return place * 2 ** 32 + rank;
  }
  return Number.MAX_SAFE_INTEGER;
}
