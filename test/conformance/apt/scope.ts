import type { CommandLine } from './command-line.ts';
import type { Machine } from './machine.ts';
import type { Entry } from './recording.ts';
import { releaseChoice } from './releases.ts';

const solverVerbs: readonly string[] = [
  'install',
  'remove',
  'purge',
  'upgrade',
  'dist-upgrade',
  'full-upgrade',
  'satisfy',
];

export function isSolverCommand({ program, verb }: CommandLine): boolean {
  return (program === 'apt' || program === 'aptget') && solverVerbs.includes(verb);
}

/** Commands that change the machine in a way that is not followed, unless they are simulated. */
export function changesUnseen({ program, verb, names }: CommandLine): boolean {
  if (program !== 'apt' && program !== 'aptget') return false;
  if (/^(auto(remove|purge)|build-dep|dselect-upgrade|history-)/.test(verb)) return true;
  return isFile(names) && verb === 'install';
}

const isFile = (names: readonly string[]): boolean =>
  names.some((name) => /^[.]?\//.test(name) || /\.(deb|dsc|changes|rpm)$/.test(name));

/** Why a command asks nothing that the resolver answers, or null if it does. */
export function outOfScope(command: CommandLine, machine: Machine, entry: Entry): string | null {
  return (
    verbReason(command) ??
    nameReason(command) ??
    optionReason(command) ??
    machineReason(machine) ??
    releaseReason(command, machine) ??
    expectedReason(command, entry)
  );
}

function verbReason(command: CommandLine): string | null {
  const { program, verb } = command;
  if (program === 'aptmark') return 'marks of packages are shown or set, nothing is solved';
  if (program !== 'apt' && program !== 'aptget')
    return 'looks at files, lists and logs of apt, nothing is solved';
  if (verb === 'build-dep' || verb === 'source') return 'source packages and what builds them';
  if (/^auto(remove|purge)$/.test(verb))
    return 'removes what nothing needs any more: a device removes what its lock does not name';
  if (verb === 'check') return 'a check of what is installed, nothing is asked for';
  if (verb === 'dselect-upgrade') return 'selections made in dselect';
  if (!isSolverCommand(command)) return 'shows, searches or updates lists, nothing is solved';
  return null;
}

/** Files, patterns and globs are the command line's own language: wants are names. */
function nameReason({ verb, names }: CommandLine): string | null {
  if (verb === 'satisfy') return null;
  if (isFile(names)) return 'installs a file, not from a source';
  if (names.some((name) => /^[?~!(]/.test(name))) return 'names packages by a search pattern';
  if (names.some((name) => /[*?[\]^$]/.test(name.replace(/:[^:]*$/, ''))))
    return 'names packages by a glob or a regular expression';
  if (names.some((name) => name.endsWith('^'))) return 'names a task';
  return null;
}

const ignoredConfig =
  /^(debug::|apt::get::hideautoremove|apt::cmd::|quiet|pkgcachefile::|apt::immediate-configure|dpkg::|test$|with::environment)/;
const knownConfig = new Set([
  'apt::install-recommends',
  'apt::solver::removemanual',
  'apt::solver',
  'apt::default-release',
  'apt::get::upgrade-allow-new',
  'apt::get::upgrade-by-source-package',
]);

const optionReasons: readonly (readonly [string, string])[] = [
  ['reinstall', 'unpacks again what is installed'],
  ['install-suggests', 'Suggests are never followed'],
  ['planner', "asks for apt's external planner"],
  ['with-source', 'installs a file, not from a source'],
  ['fix-broken', 'repairs what is installed, nothing is asked for'],
  ['download-only', 'downloads only'],
  ['print-uris', 'prints addresses only'],
  ['no-download', 'installs from a cache of files only'],
];

function optionReason({ options, config }: CommandLine): string | null {
  const found = optionReasons.find(([option]) => options.has(option));
  if (found) return found[1];
  const solver = options.get('solver') ?? config.get('apt::solver') ?? '3.0';
  if (!['3.0', 'internal'].includes(solver)) return 'asks an external solver';
  const foreign = [...config.keys()].find(
    (name) => !ignoredConfig.test(name) && !knownConfig.has(name),
  );
  if (foreign !== undefined) return 'a setting of apt that the resolver has no counterpart of';
  return null;
}

function machineReason({ releases, installed }: Machine): string | null {
  const stanzas = [...releases.values()].flat();
  if (stanzas.length === 0 && installed.length === 0)
    return 'the recording lacks the packages that the script took from files';
  if (stanzas.some(({ fields }) => /^Phased-Update-Percentage:/m.test(fields)))
    return 'updates in phases: a device gets what its spec says';
  return null;
}

function releaseReason({ options, names }: CommandLine, machine: Machine): string | null {
  const named = names.flatMap((name) => /^[^/]+\/([^/]+)$/.exec(name)?.[1] ?? []);
  const target = options.get('target-release');
  const choices = [...named, ...(target === undefined ? [] : [target])];
  return choices.some((one) => releaseChoice(one, machine).kind === 'unrecorded')
    ? 'names a release by version, label or component, which the recording lacks'
    : null;
}

function expectedReason({ options }: CommandLine, entry: Entry): string | null {
  if (entry.kind !== 'command') return null;
  if (entry.verdict === 'run-fail' && options.has('trivial-only'))
    return 'fails because it was told to stop, and what it found is not recorded';
  if (/^E: (Unable to locate package|Couldn't find any package) \S*[*?]/m.test(entry.expected))
    return 'names packages by a glob or a regular expression';
  return null;
}
