import { visitNames } from './relation-names.ts';
import { createTextCollector } from './text-table.ts';
import {
  type Family,
  type PackageRecord,
  type RelationKind,
  relationKinds,
  type Universe,
} from './universe.ts';
import { packFlags, type TextColumn, textColumns, toIdLists } from './universe-columns.ts';
import { createUniverse } from './universe-tables.ts';

/** Takes packages in the order of an index and makes a universe of them. */
export interface UniverseBuilder {
  add(record: PackageRecord): void;
  /** Call once, at the end. */
  build(): Universe;
}

/** The order in which apt meets the names of a package's relations. */
const MENTION_ORDER: readonly RelationKind[] = [
  'preDepends',
  'depends',
  'conflicts',
  'breaks',
  'recommends',
  'suggests',
  'obsoletes',
  'enhances',
  'provides',
];

const NO_FILES: readonly number[] = [];

/** An empty builder of a family. */
export function createUniverseBuilder(family: Family): UniverseBuilder {
  const texts = createTextCollector();
  const columns = Object.fromEntries(textColumns.map((column) => [column, [] as number[]]));
  const column = (name: TextColumn): number[] => columns[name] as number[];
  const relationColumns = relationKinds.map((kind) => [kind, column(kind)] as const);
  const flags: number[] = [];
  const sizes: number[] = [];
  const installedSizes: number[] = [];
  const files: (readonly number[])[] = [];
  const provided = createProvidedNames(family, texts.intern);
  const mentioned = createMentions(family, texts.intern);

  function add(record: PackageRecord): void {
    const index = flags.length;
    const { relations } = record;
    column('name').push(texts.intern(record.name));
    column('version').push(texts.intern(record.version));
    column('arch').push(texts.intern(record.arch));
    for (const [kind, ids] of relationColumns) ids.push(texts.intern(relations[kind] ?? ''));
    column('section').push(texts.intern(record.section ?? ''));
    column('sourcePackage').push(texts.intern(record.sourcePackage ?? ''));
    column('location').push(texts.append(record.location ?? ''));
    column('checksum').push(texts.append(record.checksum ?? ''));
    column('summary').push(texts.append(record.summary ?? ''));
    flags.push(flagsOf(record));
    sizes.push(record.size ?? 0);
    installedSizes.push(record.installedSize ?? 0);
    files.push(record.files === undefined ? NO_FILES : record.files.map(texts.intern));
    provided.add(index, relations.provides ?? '');
    mentioned.add(record);
  }

  function build(): Universe {
    const mentions = mentioned.build();
    const ids = Object.fromEntries(
      textColumns.map((name) => [name, new Int32Array(column(name))]),
    ) as Record<TextColumn, Int32Array>;
    return createUniverse({
      family,
      ids,
      mentions,
      ...provided.build(),
      texts: texts.build(),
      flags: new Int32Array(flags),
      sizes: new Float64Array(sizes),
      installedSizes: new Float64Array(installedSizes),
      files: toIdLists(files),
    });
  }

  return { add, build };
}

function flagsOf(record: PackageRecord): number {
  return packFlags({
    multiArch: record.multiArch ?? 'no',
    essential: record.essential ?? false,
    protected: record.protected ?? false,
    priority: record.priority ?? 'extra',
  });
}

/** Which packages provide a name. */
function createProvidedNames(family: Family, intern: (text: string) => number) {
  const byName = new Map<number, number[]>();
  const visit = visitNames[family];
  return {
    add(index: number, text: string): void {
      if (text === '') return;
      visit(text, (name) => {
        const id = intern(name);
        const list = byName.get(id);
        if (!list) byName.set(id, [index]);
        else if (list.at(-1) !== index) list.push(index);
      });
    },
    build: () => ({
      providedNames: Int32Array.from(byName.keys()),
      providers: toIdLists([...byName.values()]),
    }),
  };
}

/** Names by first mention; only apt's order asks for them. */
function createMentions(family: Family, intern: (text: string) => number) {
  const mentions = new Set<number>();
  const seen = new Set<string>();
  const visit = visitNames[family];
  const mention = (name: string): void => void mentions.add(intern(name));
  return {
    add({ name, relations }: PackageRecord): void {
      if (family !== 'deb') return;
      mention(name);
      for (const kind of MENTION_ORDER) {
        const text = relations[kind];
        if (!text || seen.has(text)) continue;
        seen.add(text);
        visit(text, mention);
      }
    },
    build: () => Int32Array.from(mentions),
  };
}
