import { createPool } from '../../../server/resolver/core/deb/pool.ts';
import type { CommandLine } from './command-line.ts';
import { isSimulated } from './command-line.ts';
import { expectationOf } from './expectation.ts';
import { type InstalledStanza, type Machine, statesOf } from './machine.ts';
import type { Entry } from './recording.ts';
import { releaseChoice } from './releases.ts';
import { changesUnseen, isSolverCommand } from './scope.ts';
import { viewOf } from './universes.ts';

type Command = Extract<Entry, { kind: 'command' }>;

/** Watches for signs that the script did something that the recording lacks. */
export interface Evidence {
  /** The machine changed, as recorded. */
  changed(): void;
  /** Why nothing can be said of this command, or null. */
  sees(entry: Command, command: CommandLine, machine: Machine): string | null;
}

const CONTRADICTION =
  'the same command has another outcome than before on the same machine: the recording lacks what the script changed';
const OTHER_MACHINE =
  'its output counts other packages that could be upgraded than the machine has: the recording lacks what the script changed';
const UNSEEN = 'a command out of scope changed the machine before';

/** From the first sign on nothing is sure, but where only the count of packages says so, until it is right again. */
export function createEvidence(): Evidence {
  const outcomes = new Map<string, string>();
  let lasting: string | null = null;
  return {
    changed: () => outcomes.clear(),
    sees(entry, command, machine) {
      if (lasting !== null) return lasting;
      if (changesUnseen(command) && !isSimulated(command) && entry.verdict === 'run-ok')
        lasting = UNSEEN;
      if (!isSolverCommand(command)) return null;
      if (contradicts(entry, command)) lasting = CONTRADICTION;
      return lasting ?? (countsOthers(entry, command, machine) ? OTHER_MACHINE : null);
    },
  };

  function contradicts({ argv, verdict, expected }: Command, command: CommandLine): boolean {
    if (!isSimulated(command) && !command.options.has('trivial-only')) return false;
    const expectation = expectationOf(verdict, expected, '');
    const outcome =
      expectation.outcome === 'fails' ? 'fails' : [...(expectation.changes ?? [])].sort().join();
    const key = argv.join('\0');
    const before = outcomes.get(key);
    outcomes.set(key, outcome);
    return before !== undefined && before !== outcome;
  }
}

/** `2 upgraded, 1 newly installed, 0 to remove and 3 not upgraded.` counts all that could be upgraded. */
function countsOthers({ expected }: Command, command: CommandLine, machine: Machine): boolean {
  const counted = /^(\d+) upgraded, .* and (\d+) not upgraded\.$/m.exec(expected);
  if (!counted || command.names.some((name) => /[=/]/.test(name))) return false;
  const [, upgraded, kept] = counted.map(Number);
  const removed = [...expected.matchAll(/^(?:Remv|Purg) ([^\s:]+)/gm)].map(([, name]) => name);
  const target = command.options.get('target-release');
  const choice = target === undefined ? null : releaseChoice(target, machine);
  const release = choice?.kind === 'release' ? choice.release : null;
  const could = upgradable(machine, release);
  const least = could.filter(({ name }) => !removed.includes(name)).length;
  const sum = (upgraded ?? 0) + (kept ?? 0);
  return sum < least || sum > could.length;
}

/** Installed packages whose candidate is higher. */
function upgradable(machine: Machine, targetRelease: string | null): InstalledStanza[] {
  const view = viewOf(machine, targetRelease);
  const installed = statesOf(machine);
  const pool = createPool({ view, installed, priorityOf: view.priority, downgrade: false });
  const native = machine.archs[0] ?? '';
  return machine.installed.filter(({ name, arch }) => {
    const pkg = pool.find(name, arch === 'all' ? native : arch);
    return pkg >= 0 && pool.candidate(pkg) !== pool.current(pkg);
  });
}
