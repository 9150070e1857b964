import type { PackageType } from '../../proto/package-line.ts';
import type {
  AppliedSource,
  OfferedPackage,
  PackageView,
  SourceEntry,
} from '../core/package-model.ts';
import { comparePackageVersions } from '../core/package-version.ts';
import { createView, type Hidden, type View, type ViewSource } from '../resolver/core/view.ts';
import type { LoadedIndex } from '../sources/catalogue.ts';
import { type Applicability, indexesFor } from '../sources/core/applies.ts';
import type { SourceKind } from '../sources/source-kind.ts';

/** A view that the resolver can work on. */
export interface BuiltView extends PackageView {
  readonly view: View;
  /** Ids of its sources. */
  readonly sources: readonly string[];
}

/** Views by what is in them: equal ones are one object, so that what is derived from them is shared. */
export interface PackageViews {
  of(applied: readonly AppliedSource[]): BuiltView;
}

/** As many views are remembered; those that were not asked for longest go first. */
const MAX_VIEWS = 256;

export function createPackageViews({
  indexesOf,
  kindOf,
  dropped,
}: {
  indexesOf: (source: string) => readonly LoadedIndex[];
  kindOf: (type: string) => SourceKind | undefined;
  /** Hears of views that are not remembered any more. */
  dropped: (view: BuiltView) => void;
}): PackageViews {
  const known = new Map<string, BuiltView>();
  let made = 0;

  const drop = (key: string, view: BuiltView): void => {
    known.delete(key);
    dropped(view);
  };

  /** Views with an index that its source does not have any more hold much memory, and nobody asks for them. */
  const dropOld = (): void => {
    for (const [key, view] of known) {
      const loaded = new Set(
        view.sources.flatMap((id) => indexesOf(id).map(({ digest }) => digest)),
      );
      if (!view.indexes.every((digest) => loaded.has(digest))) drop(key, view);
    }
  };

  const make = (parts: readonly ViewPart[]): BuiltView => {
    dropOld();
    made += 1;
    return build(String(made), parts, kindOf);
  };

  return {
    of(applied) {
      const parts = applied.map((one) => partOf(one, indexesOf));
      const key = JSON.stringify(parts.map(({ identity }) => identity));
      const found = known.get(key) ?? make(parts);
      known.delete(key);
      known.set(key, found);
      if (known.size > MAX_VIEWS) {
        const [[oldest, view] = ['', found]] = known;
        drop(oldest, view);
      }
      return found;
    },
  };
}

interface ViewPart {
  source: SourceEntry;
  native: string;
  archs: readonly string[];
  indexes: readonly LoadedIndex[];
  missing: boolean;
  settings: Omit<ViewSource, 'universes' | 'notAutomatic' | 'butAutomaticUpgrades'>;
  /** Equal for parts that offer the same. */
  identity: unknown;
}

function partOf(
  { source, verdict }: AppliedSource,
  indexesOf: (source: string) => readonly LoadedIndex[],
): ViewPart {
  const { archs, native, archMissing } = verdict;
  const applicability: Applicability = archMissing
    ? { kind: 'independent' }
    : { kind: 'full', archs };
  const loaded = indexesOf(source.id);
  const indexes = indexesFor(applicability, loaded);
  const settings = {
    id: source.id,
    priority: source.priority ?? 500,
    recommended: source.recommended ?? false,
    essential: source.essential ?? true,
    include: source.include ?? [],
    exclude: source.exclude ?? [],
    onlyIndependent: archMissing,
  };
  return {
    ...{ source, native, archs, indexes, settings },
    missing: source.metadata !== false && loaded.length === 0,
    identity: [settings, native, archs, indexes.map(({ digest }) => digest)],
  };
}

function build(
  id: string,
  parts: readonly ViewPart[],
  kindOf: (type: string) => SourceKind | undefined,
): BuiltView {
  const type: PackageType = kindOf(parts[0]?.source.type ?? '')?.family ?? 'deb';
  const all = [parts[0]?.native ?? '', ...parts.flatMap((part) => part.archs)];
  const archs = [...new Set(all.filter((arch) => arch !== ''))];
  const view = createView({ family: type, archs, sources: parts.flatMap(viewSources) });
  return {
    sources: parts.map(({ source }) => source.id),
    ...{ id, type, view, arch: archs[0] ?? (type === 'deb' ? 'all' : 'noarch') },
    indexes: parts.flatMap(({ indexes }) => indexes.map(({ digest }) => digest)),
    missing: parts.filter(({ missing }) => missing).map(({ source }) => source.id),
    has: (name) =>
      view.named(name).length > 0 ||
      view.providers(name).length > 0 ||
      view.owners(name).length > 0,
    versions: (name) => offered(view, type, name),
    providers: (name) => [...new Set(view.providers(name).map((id) => view.name(id)))].sort(),
    search: (text, limit) => namesWith(view, text).slice(0, limit),
  };
}

function namesWith(view: View, text: string): string[] {
  const found = new Set<string>();
  for (let id = 1; id <= view.count; id += 1) {
    const name = view.name(id);
    if (name.includes(text)) found.add(name);
  }
  return [...found].sort();
}

/** A source's indexes that are automatic in the same way, together. */
function viewSources({ settings, indexes }: ViewPart): ViewSource[] {
  const groups = new Map<string, ViewSource>();
  for (const { universe, facts } of indexes) {
    const { notAutomatic, butAutomaticUpgrades } = facts;
    const key = `${notAutomatic} ${butAutomaticUpgrades}`;
    const group = groups.get(key);
    const universes = [...(group?.universes ?? []), universe];
    groups.set(key, { ...settings, universes, notAutomatic, butAutomaticUpgrades });
  }
  return [...groups.values()];
}

const barredBecause: Record<Hidden, string> = {
  excluded: 'the source excludes it',
  'not-included': 'the source includes only others',
  arch: 'it is for another architecture',
  never: 'the priority of the source is below 0',
};

/** What has the name: what counts, then what does not; each by priority, then the highest version first. */
function offered(view: View, type: PackageType, name: string): OfferedPackage[] {
  const describe = (id: number, barred: string | null): OfferedPackage => ({
    name,
    version: view.version(id),
    arch: view.arch(id),
    source: view.source(id).id,
    priority: view.priority(id),
    barred,
    summary: view.universe(id).summary(view.index(id)),
  });
  const best = (a: OfferedPackage, b: OfferedPackage): number =>
    b.priority - a.priority || comparePackageVersions(type, b.version, a.version);
  return [
    ...view
      .named(name)
      .map((id) => describe(id, null))
      .sort(best),
    ...view
      .hidden(name)
      .map(({ id, why }) => describe(id, barredBecause[why]))
      .sort(best),
  ];
}
