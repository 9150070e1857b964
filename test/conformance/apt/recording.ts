import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** A package in the archive, or installed: what the script wrote into an index or into dpkg's status. */
export interface RecordedPackage {
  name: string;
  archs: string[];
  version: string;
  /** Further lines of the stanza. */
  fields: string;
  priority: string;
}

/** What a command was expected to do, in the words of the recording. */
export type Verdict = 'ok' | 'fail' | 'eq' | 'run-ok' | 'run-fail' | 'failmsg';

/** A line of a recorded script. */
export type Entry =
  | { kind: 'arch'; archs: string[] }
  | { kind: 'pkg'; releases: string[]; package: RecordedPackage }
  | { kind: 'inst'; package: RecordedPackage; status: string }
  | { kind: 'setup' }
  | { kind: 'flag'; name: string }
  | { kind: 'command'; verdict: Verdict; expected: string; argv: string[] }
  /** Calls of the script's own functions; nothing is known of them. */
  | { kind: 'call' };

export interface Recording {
  name: string;
  entries: Entry[];
}

/** The machine on which the scripts ran. */
const NATIVE = 'amd64';
const verdicts: readonly string[] = ['ok', 'fail', 'eq', 'run-ok', 'run-fail', 'failmsg'];

/** Reads a recorded script: a JSON array a line, in the order of the script. */
export function readRecording(path: string): Recording {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return {
    name: basename(path, '.jsonl'),
    entries: lines.map((line) => entryOf((JSON.parse(line) as (string | null)[]).map(text))),
  };
}

const text = (value: string | null): string => (value === null ? '' : String(value));

function entryOf([kind = '', ...words]: string[]): Entry {
  if (kind === 'arch') return { kind, archs: words.map(archOf) };
  if (kind === 'setup') return { kind };
  if (kind === 'flag') return { kind, name: words[0] ?? '' };
  if (kind === 'pkg')
    return { kind, releases: (words[0] ?? '').split(','), package: packageOf(words.slice(1)) };
  if (kind === 'inst') return { kind, package: packageOf(words), status: statusOf(words[5]) };
  if (!verdicts.includes(kind)) return { kind: 'call' };
  const [expected = '', ...argv] = words;
  return { kind: 'command', verdict: kind as Verdict, expected, argv };
}

function packageOf(words: readonly string[]): RecordedPackage {
  const [name = '', archs = '', version = '', fields = '', priority = ''] = words;
  return {
    name,
    archs: archs.split(',').map(archOf),
    version,
    fields: linesOf(fields),
    priority: priority === '' ? 'optional' : priority,
  };
}

/** The scripts wrote fields with echo, which takes `\n` for the end of a line. */
function linesOf(fields: string): string {
  return fields
    .replaceAll('\\n', '\n')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');
}

const archOf = (arch: string): string => (arch === 'native' ? NATIVE : arch);
const statusOf = (status = ''): string => (status === '' ? 'install ok installed' : status);
