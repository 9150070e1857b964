import { JamesError } from '../../../proto/errors.ts';
import { readStanzas } from './deb-stanzas.ts';

/** A file that a Release lists. */
export interface ReleaseFile {
  /** Below the directory of the Release. */
  path: string;
  size: number;
  sha256?: string;
  sha512?: string;
}

/** A Release file: what a suite holds. Absent texts are ''; times in ms since 1970, null if absent. */
export interface Release {
  origin: string;
  label: string;
  suite: string;
  codename: string;
  version: string;
  date: number | null;
  validUntil: number | null;
  architectures: string[];
  components: string[];
  acquireByHash: boolean;
  notAutomatic: boolean;
  butAutomaticUpgrades: boolean;
  /** The index of architecture `all` is not part of the others. */
  noSupportForArchitectureAll: boolean;
  /** Fingerprints of keys that may sign the next one. */
  signedBy: string[];
  /** By path; of MD5 and SHA1 sums nothing is kept. */
  files: ReadonlyMap<string, ReleaseFile>;
}

const FIELDS = [
  'origin',
  'label',
  'suite',
  'codename',
  'version',
  'date',
  'valid-until',
  'architectures',
  'components',
  'acquire-by-hash',
  'notautomatic',
  'butautomaticupgrades',
  'no-support-for-architecture-all',
  'signed-by',
  'sha256',
  'sha512',
] as const;
const PLACES: ReadonlyMap<string, number> = new Map(FIELDS.map((name, place) => [name, place]));
const MOST_FILES = 200_000;

/**
 * Reads the text of a Release file (without its signature). Throws `bad-index` if it is none, or has a date that cannot
 * be read: a date that does not count would let an old index pass for a new one.
 */
export function readRelease(bytes: Uint8Array): Release {
  let release: Release | null = null;
  readStanzas(bytes, PLACES, (values) => {
    release ??= toRelease((field) => values[PLACES.get(field) ?? -1] ?? '');
  });
  if (release === null) throw bad('it is empty');
  return release;
}

function toRelease(value: (field: (typeof FIELDS)[number]) => string): Release {
  return {
    origin: value('origin'),
    label: value('label'),
    suite: value('suite'),
    codename: value('codename'),
    version: value('version'),
    date: dateOf('Date', value('date')),
    validUntil: dateOf('Valid-Until', value('valid-until')),
    architectures: wordsOf(value('architectures')),
    components: wordsOf(value('components')),
    acquireByHash: isYes(value('acquire-by-hash')),
    notAutomatic: isYes(value('notautomatic')),
    butAutomaticUpgrades: isYes(value('butautomaticupgrades')),
    noSupportForArchitectureAll: /packages/i.test(value('no-support-for-architecture-all')),
    signedBy: wordsOf(value('signed-by').replaceAll(',', ' ')),
    files: filesOf(value('sha256'), value('sha512')),
  };
}

function bad(problem: string): JamesError {
  return new JamesError('bad-index', `The Release file cannot be used: ${problem}.`);
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const isYes = (text: string): boolean => text.toLowerCase() === 'yes';

/** Dates are those of RFC 5322, in UTC: `Sat, 10 May 2026 09:45:29 UTC`. */
function dateOf(field: string, text: string): number | null {
  if (text === '') return null;
  const local = text.replace(/\b(UTC|GMT|Z)\b|[+-]0000$/, '').trim();
  const time = Date.parse(`${local} UTC`);
  if (Number.isNaN(time)) throw bad(`${field} is "${text.slice(0, 64)}", which is no date`);
  return time;
}

function filesOf(sha256: string, sha512: string): ReadonlyMap<string, ReleaseFile> {
  const files = new Map<string, ReleaseFile>();
  for (const [kind, digits, text] of [
    ['sha256', 64, sha256],
    ['sha512', 128, sha512],
  ] as const)
    for (const line of text.split('\n')) addFile(files, kind, digits, line);
  return files;
}

function addFile(
  files: Map<string, ReleaseFile>,
  kind: 'sha256' | 'sha512',
  digits: number,
  line: string,
): void {
  const [hash = '', size = '', path = ''] = wordsOf(line);
  if (path === '') return;
  if (hash.length !== digits || !/^[0-9a-f]+$/i.test(hash) || !/^[0-9]{1,15}$/.test(size))
    throw bad(`its line "${line.slice(0, 64)}" is no checksum with size and path`);
  if (files.size >= MOST_FILES) throw bad(`it lists more than ${MOST_FILES} files`);
  const file = files.get(path) ?? { path, size: Number(size) };
  if (file.size !== Number(size)) throw bad(`it gives two sizes for ${path.slice(0, 200)}`);
  file[kind] = hash.toLowerCase();
  files.set(path, file);
}
