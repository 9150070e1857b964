import { matchesGlob } from '../../../server/resolver/core/glob.ts';
import type { Removal, Request, Want } from '../../../server/resolver/core/resolution.ts';
import type { View } from '../../../server/resolver/core/view.ts';
import { type CommandLine, isOn } from './command-line.ts';
import { lockedBy, servedIn } from './decided-releases.ts';
import type { Machine } from './machine.ts';
import { SATISFY } from './satisfy.ts';

/** What a command line asks of the resolver, or the words that make apt refuse it before it solves. */
export type Asked = { kind: 'request'; request: Request } | { kind: 'refused'; because: string };

const removingVerbs: readonly string[] = ['remove', 'purge'];

/** Turns a command into a request: wants, removals, candidates that a release decides, and policies. */
export function askedBy(command: CommandLine, machine: Machine, view: View): Asked {
  if (command.verb === 'satisfy')
    return {
      kind: 'request',
      request: requestOf(command, machine, [{ name: SATISFY }], [], new Map()),
    };
  const removes = removingVerbs.includes(command.verb);
  const wants: Want[] = [];
  const removals: Removal[] = [];
  const chosen: [Want, string][] = [];
  for (const word of command.names.flatMap((name) => withArchitectures(name, view))) {
    const item = readWord(word, view, machine, removes ? '-' : '+');
    if (item.kind === 'refused') return item;
    if (item.sign === '-') removals.push(withoutVersion(item.want));
    else if (item.release === null) wants.push(item.want);
    else {
      const want = servedIn(item.want, item.release, machine, view);
      wants.push(want);
      chosen.push([want, item.release]);
    }
  }
  const locked = lockedBy(chosen, machine, view);
  if (typeof locked === 'string') return { kind: 'refused', because: locked };
  return { kind: 'request', request: requestOf(command, machine, wants, removals, locked) };
}

function requestOf(
  command: CommandLine,
  machine: Machine,
  wants: readonly Want[],
  removals: readonly Removal[],
  locked: ReadonlyMap<string, string>,
): Request {
  const { verb, program } = command;
  const upgrades = /^(dist-|full-)?upgrade$/.test(verb);
  const keepsAll = verb === 'upgrade';
  const newOnes =
    verb !== 'upgrade' ||
    isOn(command, 'with-new-pkgs', 'APT::Get::Upgrade-Allow-New', program === 'apt');
  return {
    wants,
    removals,
    locked,
    policy: policyOf(command),
    recommends: isOn(command, 'install-recommends', 'APT::Install-Recommends', true),
    essential: /^(dist|full)-upgrade$/.test(verb),
    installed: machine.installed.map(({ name, version, arch, auto, hold, fields }) => ({
      name,
      version,
      arch,
      auto,
      hold,
      essential: /^(Essential|Important|Protected): yes/im.test(fields),
    })),
    prerequisites: true,
    downgrade: true,
    remove: !keepsAll,
    removeManual: mayRemoveManual(command, machine),
    upgrade: upgrades ? 'all' : 'needed',
    additions: newOnes,
  };
}

/** Commands without `--solver` hold for both of apt's solvers; they are asked of the classic one. */
export function policyOf({ options, config }: CommandLine): Request['policy'] {
  return (options.get('solver') ?? config.get('apt::solver')) === '3.0' ? 'apt3' : 'apt';
}

function mayRemoveManual(command: CommandLine, machine: Machine): boolean {
  if (policyOf(command) !== 'apt3') return true;
  return isOn(command, '', 'APT::Solver::RemoveManual', machine.flags.has('allowremovemanual'));
}

function withoutVersion({ name, arch }: Want): Removal {
  return arch === undefined ? { name } : { name, arch };
}

type Word =
  | { kind: 'word'; want: Want; sign: '+' | '-'; release: string | null }
  | { kind: 'refused'; because: string };

/** `name`, `name:arch`, `name=version`, `name/release`, `name+`, `name-`. A package of that very name goes first. */
function readWord(word: string, view: View, machine: Machine, sign: '+' | '-'): Word {
  if (!isKnown(word, view, machine) && /[-+]$/.test(word))
    return readWord(word.slice(0, -1), view, machine, word.endsWith('-') ? '-' : '+');
  const [, named = word, mark, choice = ''] = /^([^=/]+)([=/])(.*)$/.exec(word) ?? [];
  const [name = '', written] = named.split(':');
  const arch = written === undefined ? undefined : architectureOf(written, name, view);
  if (arch === null) return { kind: 'refused', because: `no ${named}` };
  const want: Want = {
    name,
    ...(arch !== undefined && { arch }),
    ...(mark === '=' && { version: choice }),
  };
  return { kind: 'word', want, sign, release: mark === '/' ? choice : null };
}

function isKnown(word: string, view: View, machine: Machine): boolean {
  const [name = ''] = word.split(':');
  return (
    view.named(name).length > 0 ||
    view.providers(name).length > 0 ||
    machine.installed.some((one) => one.name === name)
  );
}

/** `name:a*` stands for the name in every architecture that fits and has it. */
function withArchitectures(word: string, view: View): string[] {
  const [, name = '', pattern = '', rest = ''] =
    /^([^:=/]+):([^=/]*\*[^=/]*)(.*)$/.exec(word) ?? [];
  if (pattern === '') return [word];
  const has = new Set(view.named(name).map(view.arch));
  return view.archs
    .filter(
      (arch) =>
        has.has(arch) && matchesGlob([pattern], pattern.includes('-') ? `linux-${arch}` : arch),
    )
    .map((arch) => `${name}:${arch}${rest}`);
}

/** `any`, `native`, `all` and `linux-any` name the best architecture there is: null if it is not configured. */
function architectureOf(written: string, name: string, view: View): string | undefined | null {
  if (['any', 'native', 'all', 'linux-any'].includes(written)) return undefined;
  if (!view.archs.includes(written)) return null;
  const independent = view.named(name).every((id) => view.arch(id) === 'all');
  if (!independent || view.named(name).length === 0) return written;
  return written === view.archs[0] ? undefined : null;
}
