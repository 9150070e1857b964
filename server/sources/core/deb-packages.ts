import { JamesError } from '../../../proto/errors.ts';
import {
  type MultiArch,
  multiArchs,
  type PackagePriority,
  type PackageRecord,
  packagePriorities,
  type RelationKind,
} from '../../resolver/core/universe.ts';
import { readStanzas } from './deb-stanzas.ts';

const FIELDS = [
  'package',
  'version',
  'architecture',
  'multi-arch',
  'essential',
  'important',
  'protected',
  'priority',
  'section',
  'source',
  'filename',
  'size',
  'installed-size',
  'sha256',
  'description',
  'pre-depends',
  'depends',
  'recommends',
  'suggests',
  'enhances',
  'conflicts',
  'breaks',
  'replaces',
  'provides',
  'status',
] as const;
type Field = (typeof FIELDS)[number];

const PLACES: ReadonlyMap<string, number> = new Map(FIELDS.map((name, place) => [name, place]));

const RELATION_FIELDS: readonly (readonly [RelationKind, number])[] = (
  [
    ['preDepends', 'pre-depends'],
    ['depends', 'depends'],
    ['recommends', 'recommends'],
    ['suggests', 'suggests'],
    ['enhances', 'enhances'],
    ['conflicts', 'conflicts'],
    ['breaks', 'breaks'],
    ['obsoletes', 'replaces'],
    ['provides', 'provides'],
  ] as const
).map(([kind, field]) => [kind, FIELDS.indexOf(field)]);

/** A stanza of a dpkg status file. */
export interface StatusRecord extends PackageRecord {
  /** The three words of dpkg: `install ok installed`. */
  status: string;
}

/**
 * Reads the text of a `Packages` file and gives each package to `add`. Throws `bad-index` for what is no such text and
 * for a stanza without package, version or architecture.
 */
export function readDebPackages(bytes: Uint8Array, add: (record: PackageRecord) => void): void {
  readStanzas(bytes, PLACES, (values) => add(recordOf(values)));
}

/** The same of a dpkg status file; packages of which only the configuration is left have no architecture at times. */
export function readDpkgStatus(bytes: Uint8Array, add: (record: StatusRecord) => void): void {
  readStanzas(bytes, PLACES, (values) => {
    if (fieldOf(values, 'version') === '' || fieldOf(values, 'architecture') === '') return;
    add({ ...recordOf(values), status: fieldOf(values, 'status') });
  });
}

function fieldOf(values: readonly string[], field: Field): string {
  return values[PLACES.get(field) ?? -1] ?? '';
}

const at = Object.fromEntries(FIELDS.map((name, place) => [name, place])) as Record<Field, number>;

function recordOf(values: readonly string[]): PackageRecord {
  const value = (place: number): string => values[place] ?? '';
  const name = value(at.package);
  const version = value(at.version);
  const arch = value(at.architecture);
  if (name === '' || version === '' || arch === '') throw incomplete(name);
  return {
    name,
    version,
    arch,
    relations: relationsOf(values),
    multiArch: multiArchOf(value(at['multi-arch'])),
    essential: isYes(value(at.essential)),
    protected: isYes(value(at.important)) || isYes(value(at.protected)),
    priority: priorityOf(value(at.priority)),
    section: value(at.section),
    sourcePackage: value(at.source),
    location: value(at.filename),
    size: numberOf(value(at.size)),
    installedSize: numberOf(value(at['installed-size'])) * 1024,
    checksum: value(at.sha256) === '' ? '' : `sha256:${value(at.sha256).toLowerCase()}`,
    summary: firstLineOf(value(at.description)),
  };
}

function incomplete(name: string): JamesError {
  const which = name === '' ? 'A stanza' : `The stanza of ${name.slice(0, 100)}`;
  return new JamesError('bad-index', `${which} lacks Package, Version or Architecture.`);
}

function relationsOf(values: readonly string[]): PackageRecord['relations'] {
  const relations: PackageRecord['relations'] = {};
  for (const [kind, place] of RELATION_FIELDS) {
    const text = values[place];
    if (text) relations[kind] = text;
  }
  return relations;
}

const isYes = (value: string): boolean => value.toLowerCase() === 'yes';

function multiArchOf(value: string): MultiArch {
  const word = value.toLowerCase();
  return multiArchs.find((one) => one === word) ?? 'no';
}

function priorityOf(value: string): PackagePriority {
  const word = value.toLowerCase();
  return packagePriorities.find((one) => one === word) ?? 'extra';
}

/** Numbers that are none count as 0. */
function numberOf(value: string): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function firstLineOf(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
