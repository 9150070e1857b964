import type { Source } from './source.ts';
import { certificateName, certificatesIn } from './source-files/certificate-name.ts';

/** What is wrong with a source, and where: a JSON pointer. */
export interface SourceFault {
  at: string;
  sentence: string;
}

/** A rule that the schema cannot say; null if the source keeps it. */
export type SourceRule = (source: Source & { version?: string }) => SourceFault | null;

/** All of them, in the order in which a person should hear of them. */
export const sourceRules: readonly SourceRule[] = [
  oneSuite,
  oneAddress,
  layoutOfFlat,
  layoutOfApt,
  addresses,
  words,
  globs,
  options,
  key,
  authorities,
  templateWithPath,
  resolverWithoutMetadata,
];

const fault = (at: string, sentence: string): SourceFault => ({ at, sentence });

function oneSuite({ suite, version }: Source & { version?: string }): SourceFault | null {
  if (suite === undefined || version === undefined) return null;
  return fault('/version', '"version" and "suite" are the same field; give one of them');
}

function oneAddress({ url, rawUrl }: Source): SourceFault | null {
  if (url !== undefined && rawUrl !== undefined)
    return fault('/rawUrl', 'give "url" or "rawUrl", not both');
  if (url !== undefined || rawUrl !== undefined) return null;
  return fault('', 'it has neither "url" nor "rawUrl"; say where the repository is');
}

function layoutOfFlat(source: Source & { version?: string }): SourceFault | null {
  if (source.rawUrl === undefined) return null;
  const key = (['suite', 'version', 'components'] as const).find(
    (name) => source[name] !== undefined,
  );
  if (!key) return null;
  const sentence = `"rawUrl" is the directory of one index, so it has no "${key}"; use "url" where the repository has ${key === 'components' ? 'components' : 'suites'}`;
  return fault(`/${key}`, sentence);
}

function layoutOfApt(source: Source & { version?: string }): SourceFault | null {
  if (source.type !== 'apt' || source.url === undefined) return null;
  const flat = 'if the repository has none, give the directory of its index as "rawUrl"';
  if (source.suite === undefined && source.version === undefined)
    return fault('/url', `an apt repository has a "suite"; ${flat}`);
  const suite = source.suite ?? source.version ?? '';
  const isFlat = suite.endsWith('/');
  if (isFlat && source.components)
    return fault('/components', `the suite ${suite} is a directory, so it has no "components"`);
  if (isFlat || (source.components ?? []).length > 0) return null;
  return fault(source.components ? '/components' : '/url', `"components" are missing; ${flat}`);
}

const ADDRESSES = { url: ['http:', 'https:', 'file:'], rawUrl: ['http:', 'https:', 'file:'] };
const PROXIES = { proxy: ['http:', 'https:'] };

function addresses(source: Source): SourceFault | null {
  for (const [key, schemes] of Object.entries({ ...ADDRESSES, ...PROXIES })) {
    const text = source[key as keyof typeof ADDRESSES | keyof typeof PROXIES];
    const problem = text === undefined ? null : addressProblem(text, schemes);
    if (problem) return fault(`/${key}`, `"${key}" ${problem}`);
  }
  return null;
}

/** The sentence never repeats the address: it may hold a password. */
function addressProblem(text: string, schemes: readonly string[]): string | null {
  const shown = schemes.map((scheme) => `${scheme}//`).join(' or ');
  if (!/^[\x21-\x7e]+$/.test(text)) return 'has a character that must be percent-encoded';
  if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol))
    return `must be an address that begins with ${shown}`;
  const { search, hash, hostname, protocol } = new URL(text);
  if (text.includes('?') || text.includes('#') || search !== '' || hash !== '')
    return 'is a directory, so it has no "?" and no "#"';
  if (protocol === 'file:' && hostname !== '') return 'must name a file here: file:///DIRECTORY';
  return null;
}

/** Parts of addresses, and words of package managers' configuration: they must not break out of a line or a directory. */
const WORD = /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9][A-Za-z0-9._+:/~-]*$/;

function words(source: Source & { version?: string }): SourceFault | null {
  for (const name of ['suite', 'version'] as const) {
    const value = source[name];
    if (value !== undefined && !WORD.test(value) && !/^\.?\/$/.test(value))
      return fault(
        `/${name}`,
        `${JSON.stringify(value.slice(0, 80))} cannot be part of an address`,
      );
  }
  for (const name of ['components', 'archs'] as const) {
    const list = source[name] ?? [];
    for (const [index, value] of list.entries()) {
      const shown = JSON.stringify(value.slice(0, 80));
      if (!WORD.test(value))
        return fault(`/${name}/${index}`, `${shown} cannot be part of an address`);
      if (list.indexOf(value) !== index) return fault(`/${name}/${index}`, `${shown} stands twice`);
    }
  }
  return null;
}

/** Characters of package names, and `*`, `?`, `[…]`. */
const GLOB = /^(?:[A-Za-z0-9+._:()/@~*?-]|\[[!^]?[A-Za-z0-9+._:@~-]+\])+$/;

function globs(source: Source): SourceFault | null {
  for (const name of ['include', 'exclude'] as const) {
    for (const [index, value] of (source[name] ?? []).entries()) {
      if (GLOB.test(value)) continue;
      const shown = JSON.stringify(value.slice(0, 80));
      const sentence = `${shown} is no package name and no glob; "*", "?" and "[…]" have a meaning`;
      return fault(`/${name}/${index}`, sentence);
    }
  }
  return null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

function options(source: Source): SourceFault | null {
  for (const [name, value] of Object.entries(source.options ?? {}))
    if (CONTROL.test(value))
      return fault(`/options/${name}`, `the option "${name}" is not one line`);
  return null;
}

const PUBLIC = '-----BEGIN PGP PUBLIC KEY BLOCK-----';

function key({ signedBy }: Source): SourceFault | null {
  if (signedBy === undefined) return null;
  if (signedBy.includes('PRIVATE KEY BLOCK'))
    return fault('/signedBy', '"signedBy" holds a private key; give the public one');
  if (signedBy.includes(PUBLIC)) return null;
  const sentence = `"signedBy" must be the text of an armored public key (${PUBLIC} …)`;
  return fault('/signedBy', sentence);
}

/** The server and package managers read the certificates themselves; here is only seen that there are some. */
function authorities({ ca }: Source): SourceFault | null {
  if (ca === undefined) return null;
  if (ca.includes('PRIVATE KEY'))
    return fault('/ca', '"ca" holds a private key; give certificates alone');
  const names = certificatesIn(ca).map(certificateName);
  if (names.length > 0 && !names.includes(null)) return null;
  return fault('/ca', '"ca" must be certificates in PEM (-----BEGIN CERTIFICATE----- …)');
}

function templateWithPath({ template, path }: Source): SourceFault | null {
  if (template !== undefined && path === undefined)
    return fault('/template', '"template" needs a "path" for the file that it makes');
  if (path === undefined) return null;
  if (template === undefined)
    return fault('/path', '"path" goes with a "template" that makes the file');
  return /(^|\/)\.{0,2}(\/|$)/.test(path.slice(1))
    ? fault('/path', '"path" must be a plain path of a file')
    : null;
}

function resolverWithoutMetadata({ metadata, resolver }: Source): SourceFault | null {
  if (metadata !== false || resolver !== true) return null;
  return fault('/resolver', 'without an index ("metadata: false") there is nothing to resolve by');
}
