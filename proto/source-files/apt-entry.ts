import type { DesiredSource } from '../desired-source.ts';
import { oneLine, oneWord, refused } from './source-file.ts';

/** Fields that a source has a key of its own for, and that `options` must not change. */
const OWN_FIELDS = [
  'types',
  'uris',
  'suites',
  'components',
  'architectures',
  'signed-by',
  'trusted',
  'enabled',
];
/** Options of the one-line form whose names are not those of the fields (sources.list(5)). */
const ONE_LINE_NAMES: Record<string, string> = { languages: 'lang', targets: 'target' };

/** A source's entry in the form of `.sources` files (deb822). `keys` are the paths of its key files. */
export function deb822Entry(source: DesiredSource, keys: readonly string[]): string {
  const fields: [string, string][] = [
    ['Types', source.debsrc ? 'deb deb-src' : 'deb'],
    ['URIs', oneWord(source, 'url', source.base)],
    ['Suites', suiteOf(source)],
    ['Components', words(source, 'component', componentsOf(source))],
    ['Architectures', words(source, 'architecture', source.archs)],
    ['Signed-By', keys.join(' ')],
    ['Trusted', source.trusted ? 'yes' : ''],
    ...options(source),
  ];
  return fields
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** A source's lines in the form of `sources.list`, for an apt older than 1.1. */
export function oneLineEntry(source: DesiredSource, keys: readonly string[]): string {
  const settings = [
    ['arch', source.archs.map((arch) => oneWord(source, 'architecture', arch)).join(',')],
    ['signed-by', keys.join(',')],
    ['trusted', source.trusted ? 'yes' : ''],
    ...options(source).map(([name, value]) => {
      const lower = name.toLowerCase();
      const word = value
        .trim()
        .split(/[\s,]+/)
        .join(',');
      return [ONE_LINE_NAMES[lower] ?? lower, oneWord(source, `option ${name}`, word)];
    }),
  ].filter(([, value]) => value !== '');
  const bracket = settings.map(([name, value]) => `${name}=${value}`).join(' ');
  const rest = [
    ...(bracket === '' ? [] : [`[${bracket}]`]),
    oneWord(source, 'url', source.base),
    suiteOf(source),
    ...componentsOf(source).map((component) => oneWord(source, 'component', component)),
  ].join(' ');
  return `deb ${rest}\n${source.debsrc ? `deb-src ${rest}\n` : ''}`;
}

/** A suite that ends in a slash is the directory of a flat repository; one that is not said is `stable`. */
function suiteOf(source: DesiredSource): string {
  return source.flat ? './' : oneWord(source, 'suite', source.suite ?? 'stable');
}

function componentsOf(source: DesiredSource): readonly string[] {
  return suiteOf(source).endsWith('/') ? [] : source.components;
}

function words(source: DesiredSource, what: string, list: readonly string[]): string {
  return list.map((word) => oneWord(source, what, word)).join(' ');
}

function options(source: DesiredSource): [string, string][] {
  return Object.entries(source.options).map(([name, value]) => {
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) {
      throw refused(source, 'option', name, 'it is no name of a field of apt');
    }
    if (OWN_FIELDS.includes(name.toLowerCase())) {
      throw refused(source, 'option', name, 'the source has a key of its own for it');
    }
    return [name, oneLine(source, `option ${name}`, value)];
  });
}
