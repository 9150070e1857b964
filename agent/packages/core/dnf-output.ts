import { withoutZeroEpoch } from './present-package.ts';
import type { ToolChange, ToolSimulation } from './tool-simulation.ts';

/** The headings of dnf's table of a transaction, and what stands under them. */
const HEADINGS: readonly (readonly [RegExp, ToolChange['kind'] | null])[] = [
  [/^Installing( dependencies| weak dependencies| group\/module packages.*)?:$/, 'install'],
  [/^Upgrading:$/, 'upgrade'],
  [/^Downgrading:$/, 'downgrade'],
  [/^Reinstalling:$/, 'reinstall'],
  [/^Removing( dependent packages| unused dependencies)?:$/, 'remove'],
  [/^Skipping packages .*:$/, null],
  [/^Transaction Summary$/, null],
];

/**
 * Reads the table of a transaction that dnf prints: under headings, rows of name, architecture, version, repository and
 * size; a row that does not fit a line goes on in the next. `replacing NAME.ARCH VERSION` under a row is a removal by an
 * obsoleting package. What comes after the first summary is not read.
 */
export function parseDnfTransaction(text: string): ToolSimulation {
  const changes: ToolChange[] = [];
  let kind: ToolChange['kind'] | null = null;
  let words: string[] = [];
  for (const line of text.split('\n')) {
    const heading = HEADINGS.find(([pattern]) => pattern.test(line.trim()));
    if (heading) {
      [, kind] = heading;
      words = [];
      if (/^Transaction Summary/.test(line)) break;
      continue;
    }
    if (kind === null || !line.startsWith(' ')) continue;
    const replaced = /^\s+replacing\s+(\S+)\.(\S+)\s+(\S+)/.exec(line);
    if (replaced) {
      const [, name = '', arch = '', from = ''] = replaced;
      changes.push({ kind: 'remove', name, arch, from: withoutZeroEpoch(from), to: null });
      continue;
    }
    words.push(...line.trim().split(/\s+/));
    if (words.length < 5) continue;
    changes.push(rowOf(kind, words));
    words = [];
  }
  return { changes, ...sizesOf(text) };
}

function rowOf(kind: ToolChange['kind'], words: readonly string[]): ToolChange {
  const [name = '', arch = '', text = ''] = words;
  const version = withoutZeroEpoch(text);
  const goes = kind === 'remove';
  return { kind, name, arch, from: goes ? version : null, to: goes ? null : version };
}

function sizesOf(text: string): Pick<ToolSimulation, 'downloadBytes' | 'diskBytes'> {
  const size = (label: string): number =>
    bytesOf(new RegExp(`^${label}: +([\\d.]+ ?[kMGT]?)`, 'm').exec(text)?.[1] ?? '');
  return {
    downloadBytes: size('Total download size') || size('Total size'),
    diskBytes: size('Installed size') - size('Freed space'),
  };
}

/** `6.1 k` in bytes: dnf counts in powers of 1024. */
function bytesOf(text: string): number {
  const [, digits = '0', unit = ''] = /^([\d.]+) ?([kMGT]?)/.exec(text) ?? [];
  return Math.round(Number(digits) * 1024 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit));
}

/** What dnf says it knows no package for, with its sentence. */
export function dnfUnfound(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^No match for argument: (\S+)$/gm);
  return new Map([...lines].map(([line, word = '']) => [word, line]));
}
