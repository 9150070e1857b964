import Type from 'typebox';
import { JamesError } from './errors.ts';
import { comparePacketVersions, preReleaseAware } from './version.ts';

/** `">=1.2 <2"`, `"1.*"`, `"*"`, `"1.2.3"`: terms joined by a space all hold. */
export const VersionRange = Type.String({ minLength: 1, maxLength: 256 });

type Operator = '<' | '<=' | '=' | '>=' | '>';
type Term =
  | { kind: 'any' }
  | { kind: 'prefix'; prefix: string }
  | { kind: 'compare'; operator: Operator; version: string };

/** A parsed range: all terms must hold. */
export type Range = readonly Term[];

/** Parses a range; throws `bad-version-range` with the column. */
export function parseRange(text: string): Range {
  const terms: Term[] = [];
  for (const match of text.matchAll(/\S+/g)) terms.push(parseTerm(match[0], match.index + 1));
  if (terms.length === 0) throw bad(1, 'it is empty');
  return terms;
}

function parseTerm(text: string, column: number): Term {
  if (text === '*') return { kind: 'any' };
  const [, operator, version = ''] = /^(<=|>=|<|>|=)?(.*)$/s.exec(text) ?? [];
  if (version === '') throw bad(column, `"${text}" has no version`);
  if (/[<>=,|]/.test(version)) throw bad(column, `"${text}" is not understood; a space means and`);
  if (version.endsWith('*')) return prefixTerm(text, operator, version, column);
  if (version.includes('*')) throw bad(column, `"*" may stand at the end only`);
  return { kind: 'compare', operator: (operator ?? '=') as Operator, version };
}

function prefixTerm(
  text: string,
  operator: string | undefined,
  version: string,
  column: number,
): Term {
  const prefix = version.slice(0, -1);
  if (operator || prefix.includes('*') || prefix === '')
    throw bad(column, `"${text}" is not understood`);
  return { kind: 'prefix', prefix };
}

function bad(column: number, problem: string): JamesError {
  return new JamesError(
    'bad-version-range',
    `Version range, column ${column}: ${problem}. Write it as ">=1.2 <2", "1.*", "1.2.3" or "*".`,
    { position: { line: 1, column } },
  );
}

/** True if a packet's `version` label lies in the range; a packet without one lies in none. */
export function inRange(range: Range, version: string | undefined): boolean {
  return version !== undefined && range.every((term) => termHolds(term, version));
}

function termHolds(term: Term, version: string): boolean {
  if (term.kind === 'any') return true;
  if (term.kind === 'prefix') return version.startsWith(term.prefix);
  const difference = comparePacketVersions(version, term.version);
  switch (term.operator) {
    case '<':
      return difference < 0 && !isPreReleaseOf(version, term.version);
    case '<=':
      return difference <= 0;
    case '=':
      return difference === 0;
    case '>=':
      return difference >= 0;
    case '>':
      return difference > 0;
  }
}

/** `2.0.0-rc.1` and `2~beta` are pre-releases of 2 and of 2.0: `<X` leaves them out although they sort below X. */
function isPreReleaseOf(version: string, release: string): boolean {
  const aware = preReleaseAware(version);
  const tilde = aware.indexOf('~');
  if (tilde < 0 || preReleaseAware(release).includes('~')) return false;
  return comparePacketVersions(withoutZeros(aware.slice(0, tilde)), withoutZeros(release)) === 0;
}

function withoutZeros(version: string): string {
  return version.replace(/(?:\.0+)+$/, '');
}
