import { readFileSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { JamesError } from '../../proto/errors.ts';
import type { Policy, Request } from '../resolver/core/resolution.ts';
import { resolve, trace } from '../resolver/core/resolve.ts';
import type { Family } from '../resolver/core/universe.ts';
import {
  createView,
  DEFAULT_PRIORITY,
  INSTALLED_SOURCE,
  type View,
  type ViewSource,
} from '../resolver/core/view.ts';
import {
  aptArchitectures,
  architectureWord,
  rpmArchitectures,
} from '../sources/core/architectures.ts';
import { type InstalledList, RPM_QUERY, readInstalled } from './installed-list.ts';
import { type LocalIndex, readLocalIndexes } from './local-index.ts';
import { parseWant, requestLines } from './request-lines.ts';

interface Options {
  source: string[];
  arch: string[];
  policy?: string;
  recommends?: boolean;
  essential?: boolean;
  installed?: string;
  remove?: boolean;
  downgrade?: boolean;
  requests?: string;
  debug?: boolean;
}

const policies: readonly string[] = ['apt', 'apt3', 'rpm'] satisfies Policy[];
const collect = (value: string, before: string[]): string[] => [...before, value];

/** Registers `jamesd resolve`. */
export function addResolveCommand(program: Command): void {
  program
    .command('resolve')
    .description('Answer from local index files, without a server: one JSON line per request.')
    .argument('[names...]', 'a request: name, name:arch, name=version')
    .option(
      '--source <path>',
      'Packages file, primary.xml, or directory of a repository; repeats',
      collect,
      [],
    )
    .option(
      '--arch <arch>',
      'architecture, in the words of any distribution; the first is native; repeats',
      collect,
      [],
    )
    .option(
      '--policy <policy>',
      'apt, apt3 or rpm: how alternatives are chosen; by default as the sources are',
    )
    .option('--recommends', 'follow Recommends')
    .option('--essential', 'essential packages belong to every request')
    .option(
      '--installed <file>',
      'what is there already: a dpkg status file, or the lines of rpm -qa (see below)',
    )
    .option('--remove', 'installed packages may be removed for a request')
    .option('--downgrade', 'installed packages may get lower versions')
    .option('--requests <file>', 'a request per line; - reads standard input')
    .option('--debug', 'on standard error: how each answer comes about')
    .addHelpText('after', HELP)
    .action(run);
}

const HELP = `
Output per request, in order: {"request", "ok", "packages": [{"name", "version", "arch", "type", "reason"}], "removed",
"unresolved", "problems", "ms"}. Exit status 0 when every request was answered, 2 for a wrong command line, 1 otherwise.

Without a server, installed rpm packages are listed by: rpm -qa --qf '${RPM_QUERY}'`;

/** Reads everything once, then answers request after request. */
async function run(names: string[], options: Options): Promise<void> {
  if (options.source.length === 0) throw usage('Name at least one --source.');
  if (options.arch.length === 0) throw usage('Name at least one --arch.');
  const requests = [...(names.length > 0 ? [names.join(' ')] : []), ...readRequests(options)];
  if (requests.length === 0) throw usage('Name packages after --, or a file with --requests.');
  const { view, installed } = await openView(options);
  const policy = policyOf(options, view.family);
  for (const line of requests) {
    const request = requestOf(line, view, policy, installed, options);
    if (options.debug) process.stderr.write(`${trace(view, request).join('\n')}\n`);
    writeLine(JSON.stringify(answer(view, line, request)));
  }
}

function usage(problem: string): JamesError {
  return new JamesError('usage', problem);
}

function readRequests({ requests }: Options): string[] {
  if (requests === undefined) return [];
  try {
    return requestLines(readFileSync(requests === '-' ? 0 : requests, 'utf8'));
  } catch (cause) {
    throw new JamesError('usage', `${requests} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

async function openView(
  options: Options,
): Promise<{ view: View; installed: InstalledList | null }> {
  const bothWords = [...new Set(options.arch.flatMap(inBothWords))];
  const indexes: LocalIndex[] = [];
  for (const path of options.source) indexes.push(...(await readLocalIndexes(path, bothWords)));
  const families = new Set(indexes.map(({ family }) => family));
  const [family] = families;
  if (families.size > 1 || family === undefined)
    throw usage('The sources are of two families: deb and rpm packages do not mix.');
  const table = family === 'deb' ? aptArchitectures : rpmArchitectures;
  const archs = [...new Set(options.arch.map((word) => architectureWord(table, word)))];
  const installed =
    options.installed === undefined ? null : readInstalled(options.installed, family);
  const sources = indexes.map((index, place) => toSource(index, place));
  if (installed) sources.push(installedSource(installed));
  return { view: createView({ family, archs, sources }), installed };
}

const inBothWords = (word: string): string[] =>
  [aptArchitectures, rpmArchitectures].map((table) => architectureWord(table, word));

function toSource(index: LocalIndex, place: number): ViewSource {
  return {
    id: `${place + 1}:${index.path}`,
    universes: [index.universe],
    priority: DEFAULT_PRIORITY,
    ...{ recommended: false, essential: true, include: [], exclude: [], onlyIndependent: false },
    notAutomatic: index.notAutomatic,
    butAutomaticUpgrades: index.butAutomaticUpgrades,
  };
}

function installedSource({ universe }: InstalledList): ViewSource {
  return {
    ...{ id: INSTALLED_SOURCE, universes: [universe], priority: 100 },
    ...{ recommended: false, essential: true, include: [], exclude: [], onlyIndependent: false },
    ...{ notAutomatic: false, butAutomaticUpgrades: false },
  };
}

function policyOf({ policy }: Options, family: Family): Policy {
  if (policy === undefined) return family === 'deb' ? 'apt' : 'rpm';
  if (!policies.includes(policy))
    throw usage(`There is no policy ${policy}; there are ${policies.join(', ')}.`);
  if ((policy === 'rpm') !== (family === 'rpm'))
    throw usage(`The policy ${policy} is not for ${family} packages.`);
  return policy as Policy;
}

function requestOf(
  line: string,
  view: View,
  policy: Policy,
  installed: InstalledList | null,
  options: Options,
): Request {
  return {
    wants: line.split(/\s+/).map((word) => parseWant(word, view.archs)),
    policy,
    recommends: options.recommends ?? false,
    essential: options.essential ?? false,
    installed: installed?.installed ?? [],
    locked: new Map(),
    prerequisites: true,
    downgrade: options.downgrade ?? false,
    remove: options.remove ?? false,
    upgrade: 'needed',
  };
}

function answer(view: View, line: string, request: Request) {
  const started = performance.now();
  const { packages, removed, unresolved, problems } = resolve(view, request);
  const ms = Math.round((performance.now() - started) * 1000) / 1000;
  return {
    request: line,
    ok: unresolved.length === 0,
    packages: packages.map(({ name, version, arch, type, reason }) => ({
      ...{ name, version, arch, type, reason },
    })),
    removed,
    unresolved,
    problems: problems.map(({ sentences, hint }) =>
      [...sentences, ...(hint === null ? [] : [hint])].join(' '),
    ),
    ms,
  };
}

/** Waits for a slow reader, so that answers never pile up in memory. */
function writeLine(text: string): void {
  let rest = Buffer.from(`${text}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
