import type { DesiredSource } from '../desired-source.ts';
import { deb822Entry, oneLineEntry } from './apt-entry.ts';
import { aptPins, siteOf } from './apt-pins.ts';
import { authorityFile } from './authority-files.ts';
import { keyFiles } from './key-files.ts';
import {
  MANAGED,
  mergeFiles,
  oneLine,
  oneWord,
  ownFile,
  type RenderOptions,
  refused,
  type Secrets,
  type SourceFile,
} from './source-file.ts';

export interface AptOptions extends RenderOptions {
  /** `one-line`: `.list` files, for an apt older than 1.1. */
  form?: 'deb822' | 'one-line';
}

const AUTHORITIES = '/etc/apt/jamesd-ca';
const KEYRINGS = '/etc/apt/keyrings';
const SOURCES = '/etc/apt/sources.list.d';

/**
 * The files with which apt uses exactly these sources beside what the device has of its own: an entry for each source (or
 * the source's own file in its place), its keys, authorities, pins, proxies, and with secrets the file of credentials (mode 0600).
 * Sorted by path. Throws `bad-document` for a value that would say something else there, `conflict` for two files of a path.
 */
export function renderAptSources(
  sources: readonly DesiredSource[],
  options: AptOptions = {},
): SourceFile[] {
  const pins = aptPins(sources);
  const settings = proxyLines(sources) + authorityLines(sources, options);
  const auth = authLines(sources, options.secrets ?? new Map());
  return mergeFiles([
    ...sources.flatMap((source) => filesOf(source, aptKeyFiles(source, sources), options)),
    ...sources.flatMap((source) => authorityFile(source, authorityPath(source))),
    ...file('/etc/apt/preferences.d/jamesd', pins && `${MANAGED}\n\n${pins}`),
    ...file('/etc/apt/apt.conf.d/90jamesd', settings && `${MANAGED}\n${settings}`),
    ...file('/etc/apt/auth.conf.d/jamesd.conf', auth && `${MANAGED}\n${auth}`, 0o600),
  ]);
}

function file(path: string, content: string, mode = 0o644): SourceFile[] {
  return content === '' ? [] : [{ path, content, mode }];
}

/**
 * The key files of a source among the sources of its device. Sources with equal keys share the files of the first: apt
 * refuses one repository with two `Signed-By`.
 */
export function aptKeyFiles(
  source: DesiredSource,
  sources: readonly DesiredSource[],
): SourceFile[] {
  const first = sources.find(({ signedBy }) => signedBy === source.signedBy) ?? source;
  return keyFiles(source, `${KEYRINGS}/jamesd-${first.id}`);
}

function filesOf(
  source: DesiredSource,
  keys: readonly SourceFile[],
  options: AptOptions,
): SourceFile[] {
  if (source.file) return [...keys, ownFile(source.file, keys, options)];
  const paths = keys.map((key) => `${options.root ?? ''}${key.path}`);
  const oneLineForm = options.form === 'one-line';
  const entry = oneLineForm ? oneLineEntry(source, paths) : deb822Entry(source, paths);
  const path = `${SOURCES}/jamesd-${source.id}.${oneLineForm ? 'list' : 'sources'}`;
  return [...keys, { path, content: `${MANAGED}\n${entry}`, mode: 0o644 }];
}

const authorityPath = ({ id }: DesiredSource): string => `${AUTHORITIES}/${id}.pem`;

/** As with proxies, the first source of a host decides. */
function authorityLines(sources: readonly DesiredSource[], { root = '' }: AptOptions): string {
  const lines = new Map<string, string>();
  for (const source of sources) {
    const name = `Acquire::https::${siteOf(source)}::CaInfo`;
    if (source.ca === undefined || lines.has(name)) continue;
    lines.set(name, `${name} "${root}${authorityPath(source)}";\n`);
  }
  return [...lines.values()].join('');
}

/** apt knows one proxy per host: the first source of a host decides. */
function proxyLines(sources: readonly DesiredSource[]): string {
  const lines = new Map<string, string>();
  for (const source of sources) {
    const site = siteOf(source);
    if (source.proxy === null || site === '') continue;
    const scheme = new URL(source.base).protocol.slice(0, -1);
    const name = `Acquire::${scheme}::Proxy::${site}`;
    const line = `${name} "${oneWord(source, 'proxy', source.proxy)}";\n`;
    if (!lines.has(name)) lines.set(name, line);
  }
  return [...lines.values()].join('');
}

/** apt_auth.conf(5): the credentials count for addresses that begin with the source's, and for its proxy's. */
function authLines(sources: readonly DesiredSource[], secrets: Secrets): string {
  const lines = sources.flatMap((source) => {
    const { auth, base, proxy, proxyAuth } = source;
    return [
      ...(auth === null ? [] : machine(source, base, auth, secrets)),
      ...(proxy === null || proxyAuth === undefined
        ? []
        : machine(source, proxy, proxyAuth, secrets)),
    ];
  });
  return [...new Set(lines)].join('');
}

function machine(source: DesiredSource, address: string, name: string, secrets: Secrets): string[] {
  const secret = secrets.get(name);
  if (!secret) return [];
  const url = oneWord(source, 'url', address);
  const [login, password] = [secret.username, secret.password].map((text) =>
    word(source, name, text),
  );
  return [`machine ${url} login ${login} password ${password}\n`];
}

function word(source: DesiredSource, name: string, text: string): string {
  if (text === '' || /\s/.test(text))
    throw refused(source, 'the secret', name, 'apt takes no spaces in credentials');
  return oneLine(source, 'the secret', text);
}
