import type { DesiredSource } from '../desired-source.ts';
import { authorityDirectory, authorityFile } from './authority-files.ts';
import { keyFiles } from './key-files.ts';
import {
  MANAGED,
  mergeFiles,
  oneLine,
  oneWord,
  ownFile,
  type RenderOptions,
  refused,
  type SourceFile,
} from './source-file.ts';
import { yumPriorities } from './yum-priority.ts';

export type YumManager = 'dnf' | 'zypper';

const KEYS = '/etc/pki/rpm-gpg';
const FOLDERS: Record<YumManager, string> = {
  dnf: '/etc/yum.repos.d',
  zypper: '/etc/zypp/repos.d',
};
const AUTHORITIES: Record<YumManager, string> = {
  dnf: '/etc/pki/tls/certs',
  zypper: '/etc/zypp/jamesd-ca',
};
const CREDENTIALS = '/etc/zypp/credentials.d';
/** Options that a source has a key of its own for. */
const OWN_OPTIONS = [
  'baseurl',
  'mirrorlist',
  'metalink',
  'gpgkey',
  'priority',
  'excludepkgs',
  'exclude',
  'includepkgs',
  'sslcacert',
  'proxy',
  'proxy_username',
  'proxy_password',
  'username',
  'password',
];

/**
 * The files with which dnf (or yum) or zypper uses exactly these sources beside what the device has of its own: a `.repo`
 * file for each source with a section for each of its addresses (or the source's own file in its place), and its keys.
 * A source with keys must have a signed index; one that is `trusted` besides has signed packages instead. With secrets the
 * files that carry them have mode 0600. Sorted by path. Errors as for `renderAptSources`.
 */
export function renderYumSources(
  sources: readonly DesiredSource[],
  manager: YumManager,
  options: RenderOptions = {},
): SourceFile[] {
  const priorities = yumPriorities(sources);
  return mergeFiles(
    sources.flatMap((source) => {
      const keys = yumKeyFiles(source);
      if (source.file) return [...keys, ownFile(source.file, keys, options)];
      const common = { manager, options, priority: priorities.get(source) ?? 99, keys };
      return [
        ...keys,
        ...authorities(source, common),
        repoFile(source, common),
        ...credentials(source, common),
      ];
    }),
  );
}

/** dnf reads one file, zypper a directory. */
function authorities(source: DesiredSource, { manager }: Common): SourceFile[] {
  const path = authorityPath(source, manager);
  return manager === 'dnf' ? authorityFile(source, path) : authorityDirectory(source, path);
}

function authorityPath({ id }: DesiredSource, manager: YumManager): string {
  const folder = AUTHORITIES[manager];
  return manager === 'dnf' ? `${folder}/jamesd-${id}.pem` : `${folder}/${id}`;
}

/** The key files of a source. */
export function yumKeyFiles(source: DesiredSource): SourceFile[] {
  return keyFiles(source, `${KEYS}/jamesd-${source.id}`);
}

interface Common {
  manager: YumManager;
  options: RenderOptions;
  priority: number;
  keys: readonly SourceFile[];
}

function repoFile(source: DesiredSource, common: Common): SourceFile {
  const names = sectionNames(source);
  const sections = source.urls.map(({ url }, index) => {
    const lines = Object.entries(settings(source, common, names[index] as string, url));
    return `[${names[index]}]\n${lines.map(([name, value]) => `${name}=${value}\n`).join('')}`;
  });
  const { auth, proxyAuth } = source;
  const within = common.manager === 'dnf' ? [auth, proxyAuth] : [proxyAuth];
  const secret = within.some((name) => secretNamed(name, common) !== undefined);
  return {
    path: `${FOLDERS[common.manager]}/jamesd-${source.id}.repo`,
    content: `${MANAGED}\n\n${sections.join('\n')}`,
    mode: secret ? 0o600 : 0o644,
  };
}

/** `jamesd-ID-COMPONENT-ARCH`, in the letters that dnf takes for the name of a repository; a second one gets `-2`. */
export function sectionNames(source: DesiredSource): string[] {
  const taken = new Set<string>();
  return source.urls.map(({ component, arch }) => {
    const parts = ['jamesd', source.id, component, arch].filter((part) => part !== null);
    const name = parts.join('-').replace(/[^A-Za-z0-9_.:-]/g, '-');
    let free = name;
    for (let count = 2; taken.has(free); count += 1) free = `${name}-${count}`;
    taken.add(free);
    return free;
  });
}

function settings(
  source: DesiredSource,
  common: Common,
  name: string,
  url: string,
): Record<string, string> {
  const address = oneWord(source, 'url', url);
  const keyed = source.signedBy !== null;
  return {
    name,
    baseurl: common.manager === 'zypper' ? zypperAddress(source, address, common) : address,
    // apt never takes anything from a source with a negative priority
    enabled: source.priority < 0 ? '0' : '1',
    ...checks(common.manager, keyed && !source.trusted, keyed && source.trusted),
    ...(keyed && { gpgkey: common.keys.map((key) => keyUrl(common, key)).join('\n       ') }),
    priority: String(common.priority),
    ...(common.manager === 'dnf' && dnfOnly(source, common)),
    ...ownOptions(source),
  };
}

function checks(manager: YumManager, index: boolean, packages: boolean): Record<string, string> {
  const flag = (on: boolean): string => (on ? '1' : '0');
  if (manager === 'dnf') return { gpgcheck: flag(packages), repo_gpgcheck: flag(index) };
  return {
    gpgcheck: flag(index || packages),
    repo_gpgcheck: flag(index),
    pkg_gpgcheck: flag(packages),
  };
}

function keyUrl(common: Common, key: SourceFile): string {
  return `file://${onHost(common, key.path)}`;
}

const onHost = ({ options }: Common, path: string): string => `${options.root ?? ''}${path}`;

function dnfOnly(source: DesiredSource, common: Common): Record<string, string> {
  const list = (patterns: readonly string[]): string =>
    patterns.map((pattern) => rpmPattern(source, pattern)).join(' ');
  const secret = secretNamed(source.auth, common);
  const proxySecret = secretNamed(source.proxyAuth, common);
  return {
    ...(source.exclude.length > 0 && { excludepkgs: list(source.exclude) }),
    ...(source.include.length > 0 && { includepkgs: list(source.include) }),
    ...(source.ca !== undefined && { sslcacert: onHost(common, authorityPath(source, 'dnf')) }),
    ...(source.proxy !== null && { proxy: oneWord(source, 'proxy', source.proxy) }),
    ...(proxySecret && {
      proxy_username: oneLine(source, 'the secret', proxySecret.username),
      proxy_password: oneLine(source, 'the secret', proxySecret.password),
    }),
    ...(secret && {
      username: oneLine(source, 'the secret', secret.username),
      password: oneLine(source, 'the secret', secret.password),
    }),
  };
}

/** A name, a file or a capability; spaces and commas separate. */
function rpmPattern(source: DesiredSource, text: string): string {
  if (/^[A-Za-z0-9*?[\]/@+._:()~^!-]+$/.test(text)) return text;
  throw refused(source, 'package', text, 'use the name of a package, with *, ? and [a-z]');
}

function secretNamed(name: string | null | undefined, common: Common) {
  return name === null || name === undefined ? undefined : common.options.secrets?.get(name);
}

/** zypper takes the proxy, the authorities and the name of the file with credentials from the address. */
function zypperAddress(source: DesiredSource, address: string, common: Common): string {
  if (!/^https?:/.test(address)) return address;
  const url = new URL(address);
  if (source.auth !== null) url.searchParams.set('credentials', `jamesd-${source.id}`);
  if (source.ca !== undefined)
    url.searchParams.set('ssl_capath', onHost(common, authorityPath(source, 'zypper')));
  if (source.proxy !== null) {
    const proxy = new URL(oneWord(source, 'proxy', source.proxy));
    url.searchParams.set('proxy', proxy.hostname);
    if (proxy.port !== '') url.searchParams.set('proxyport', proxy.port);
    const secret = secretNamed(source.proxyAuth, common);
    if (secret) url.searchParams.set('proxyuser', secret.username);
    if (secret) url.searchParams.set('proxypass', secret.password);
  }
  return url.href;
}

function credentials(source: DesiredSource, common: Common): SourceFile[] {
  const secret = secretNamed(source.auth, common);
  if (common.manager !== 'zypper' || !secret) return [];
  const username = oneLine(source, 'the secret', secret.username);
  const password = oneLine(source, 'the secret', secret.password);
  return [
    {
      path: `${CREDENTIALS}/jamesd-${source.id}`,
      content: `username = ${username}\npassword = ${password}\n`,
      mode: 0o600,
    },
  ];
}

function ownOptions(source: DesiredSource): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source.options).map(([name, value]) => {
      if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
        throw refused(source, 'option', name, 'it is no name of an option of a .repo file');
      }
      if (OWN_OPTIONS.includes(name.toLowerCase())) {
        throw refused(source, 'option', name, 'the source has a key of its own for it');
      }
      return [name.toLowerCase(), oneLine(source, `option ${name}`, value)];
    }),
  );
}
