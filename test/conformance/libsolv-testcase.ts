import type { PackageRecord, RelationKind } from '../../server/resolver/core/universe.ts';
import { rpmRelation } from './libsolv-relation.ts';

export interface TestRepository {
  name: string;
  priority: number;
  records: PackageRecord[];
}

/** What a block asks and what should come of it. */
export interface TestBlock {
  lines: string[];
  solverFlags: string[];
  results: { kinds: string[]; lines: string[] }[];
}

/** A file of libsolv's test language: repositories and the machine, then blocks of jobs. */
export interface TestFile {
  repositories: TestRepository[];
  system: { arch: string | null; family: string; repository: string } | null;
  poolFlags: string[];
  /** Packages that do not count, as `name-version-release.arch@repository`. */
  disabled: Set<string>;
  blocks: TestBlock[];
  /** What the language has and this reader does not know. */
  unknown: string | null;
}

const relationTags: Readonly<Record<string, RelationKind>> = {
  Req: 'depends',
  Prq: 'preDepends',
  Prv: 'provides',
  Con: 'conflicts',
  Obs: 'obsoletes',
  Rec: 'recommends',
  Sug: 'suggests',
  Sup: 'supplements',
  Enh: 'enhances',
};

/** Reads a file. */
export function readTestcase(text: string): TestFile {
  const file: TestFile = {
    repositories: [],
    system: null,
    poolFlags: [],
    disabled: new Set(),
    blocks: [emptyBlock()],
    unknown: null,
  };
  let inline: (line: string) => void = () => {};
  for (const line of text.split('\n')) {
    if (line.startsWith('#>')) inline(line.slice(2));
    else if (line !== '' && !line.startsWith('#')) inline = readLine(file, line.trim());
  }
  return file;
}

const emptyBlock = (): TestBlock => ({ lines: [], solverFlags: [], results: [] });

/** Takes a line in; gives what takes the inline lines after it. */
function readLine(file: TestFile, line: string): (inline: string) => void {
  const [word = '', ...rest] = line.split(/\s+/);
  const block = file.blocks.at(-1) ?? emptyBlock();
  switch (word) {
    case 'repo':
      return readRepository(file, rest);
    case 'system': {
      const [arch = '', family = '', repository = ''] = rest;
      file.system = { arch: arch === 'unset' ? null : arch, family, repository };
      break;
    }
    case 'poolflags':
      file.poolFlags.push(...rest);
      break;
    case 'solverflags':
      block.solverFlags.push(...rest);
      break;
    case 'disable':
      if (rest[0] === 'pkg') file.disabled.add(rest[1] ?? '');
      else file.unknown ??= line;
      break;
    case 'nextjob':
      file.blocks.push(emptyBlock());
      break;
    case 'result': {
      const result = { kinds: (rest[0] ?? '').split(','), lines: [] as string[] };
      block.results.push(result);
      return (inline) => result.lines.push(inline.trim());
    }
    case 'feature':
      break;
    case 'job':
    case 'evrcmp':
      block.lines.push(line);
      break;
    default:
      if (word !== 'genid') file.unknown ??= word;
  }
  return () => {};
}

function readRepository(file: TestFile, words: string[]): (inline: string) => void {
  const [name = '', priority = '0'] = words;
  const repository: TestRepository = { name, priority: Number.parseInt(priority, 10), records: [] };
  file.repositories.push(repository);
  return (inline) => {
    const [, tag, value = ''] = /^=(\w+):\s*(.*?)\s*$/.exec(inline) ?? [];
    if (tag === undefined) return;
    if (tag === 'Pkg') repository.records.push(recordOf(value));
    else readTag(file, repository, tag, value);
  };
}

function recordOf(value: string): PackageRecord {
  const [name = '', version = '', release = '', arch = 'noarch'] = value.split(/\s+/);
  const evr = release === '' ? version : `${version}-${release}`;
  return { name, version: evr, arch, relations: { provides: `${name} = ${evr}` } };
}

function readTag(file: TestFile, repository: TestRepository, tag: string, value: string): void {
  const record = repository.records.at(-1);
  const kind = relationTags[tag];
  if (record === undefined || value === '') return;
  if (tag === 'Fls') {
    record.files = [...(record.files ?? []), value];
  } else if (kind !== undefined) {
    const relation = rpmRelation(value);
    if (relation === null) file.unknown ??= `relation ${value}`;
    const earlier = record.relations[kind];
    record.relations[kind] = [...(earlier === undefined ? [] : [earlier]), relation ?? ''].join(
      '\n',
    );
  } else if (tag !== 'Vnd' && tag !== 'Tim' && tag !== 'Ver' && tag !== 'Sum') {
    file.unknown ??= `tag ${tag}`;
  }
}

/** `name-version-release.arch@repository`. */
export function nevraOf(record: PackageRecord, repository: string): string {
  return `${record.name}-${record.version}.${record.arch}@${repository}`;
}
