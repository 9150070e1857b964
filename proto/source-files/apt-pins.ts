import type { DesiredSource } from '../desired-source.ts';
import { oneLine, refused } from './source-file.ts';

/** The priority that apt gives a source by itself. */
export const DEFAULT_PRIORITY = 500;

/**
 * Records of apt_preferences(5): a source's priority, what it must not offer (-1), and what alone it may offer. apt cannot
 * name a source in a pin. So a source is told by its host; where several have the host, by its suite (the Release file's
 * suite or code name); where they have that too, by its components. A source that cannot be told from another gets no
 * record, for it would count for both.
 */
export function aptPins(sources: readonly DesiredSource[]): string {
  return sources
    .flatMap((source) => pinsOf(source, sources).flatMap((pin) => records(source, pin)))
    .join('\n');
}

function records(source: DesiredSource, pin: string): string[] {
  const record = (packages: string, priority: number): string =>
    `Explanation: source ${source.id}\nPackage: ${packages}\nPin: ${pin}\nPin-Priority: ${priority}\n`;
  const list: string[] = [];
  // apt takes the first record that fits, and one that names a package before one for all.
  if (source.exclude.length > 0) list.push(record(names(source, source.exclude), -1));
  if (source.include.length > 0) {
    list.push(record(names(source, source.include), source.priority), record('*', -1));
  } else if (source.priority !== DEFAULT_PRIORITY) {
    list.push(record('*', source.priority));
  }
  return list;
}

/** Every architecture of a package, unless the name says one. */
function names(source: DesiredSource, patterns: readonly string[]): string {
  return patterns
    .map((pattern) => aptPattern(source, pattern))
    .map((pattern) => (pattern === '*' || pattern.includes(':') ? pattern : `${pattern}:any`))
    .join(' ');
}

/** Slashes would make it a regular expression; a name of something else than a package means nothing to apt. */
function aptPattern(source: DesiredSource, text: string): string {
  if (/^[A-Za-z0-9*?[][A-Za-z0-9*?[\]+._:~^!-]*$/.test(text)) return text;
  throw refused(source, 'package', text, 'use the name of a package, with *, ? and [a-z]');
}

function pinsOf(source: DesiredSource, all: readonly DesiredSource[]): string[] {
  const site = siteOf(source);
  const neighbours = all.filter((other) => other !== source && siteOf(other) === site);
  if (neighbours.length === 0) return [`origin "${site}"`];
  if (source.flat || source.suite === null || neighbours.some((other) => other.flat)) return [];
  const suite = oneLine(source, 'suite', source.suite).replace(/,/g, '?');
  const suites = [`release a=${suite}`, `release n=${suite}`];
  const twins = neighbours.filter((other) => other.suite === source.suite);
  if (twins.length === 0) return suites;
  const shared = new Set(twins.flatMap((twin) => twin.components));
  if (source.components.some((component) => shared.has(component))) return [];
  return suites.flatMap((pin) =>
    source.components.map((component) => `${pin},c=${oneLine(source, 'component', component)}`),
  );
}

/** The host without its port, as apt keeps it; '' for files. */
export function siteOf(source: DesiredSource): string {
  return URL.canParse(source.base) ? new URL(source.base).hostname : '';
}
