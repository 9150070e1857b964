import type { Resolution } from '../../../server/resolver/core/resolution.ts';
import { resolve } from '../../../server/resolver/core/resolve.ts';
import { askedBy } from './asked.ts';
import type { CommandLine } from './command-line.ts';
import type { Machine } from './machine.ts';
import { refusalOf } from './refusals.ts';
import { releaseChoice } from './releases.ts';
import { SATISFY, withSatisfy } from './satisfy.ts';
import { viewOf } from './universes.ts';

/** What the resolver says to a command; `wanted`: the names that the command asked for. */
export type Answer =
  | { kind: 'solved'; resolution: Resolution; wanted: ReadonlySet<string> }
  | { kind: 'refused'; because: string };

/** Asks the resolver. apt refuses a command if one of its wants cannot be met. */
export function answerTo(command: CommandLine, before: Machine): Answer {
  const machine = command.verb === 'satisfy' ? withSatisfy(before, command.names) : before;
  const target = command.options.get('target-release');
  const choice = target === undefined ? null : releaseChoice(target, machine);
  if (choice?.kind === 'unknown') return { kind: 'refused', because: `no release ${target}` };
  const view = viewOf(machine, choice?.kind === 'release' ? choice.release : null);
  const asked = askedBy(command, machine, view);
  if (asked.kind === 'refused') return asked;
  const resolution = resolve(view, asked.request);
  if (resolution.unresolved.length > 0) {
    const because = resolution.problems.flatMap(({ sentences }) => sentences).join(' ');
    return { kind: 'refused', because: because || resolution.unresolved.join(' ') };
  }
  const wanted = new Set(asked.request.wants.map(({ name }) => name));
  const packages = resolution.packages.filter(({ name }) => name !== SATISFY);
  const solved = { ...resolution, packages };
  const refusal = refusalOf(command, machine, solved);
  if (refusal !== null) return { kind: 'refused', because: refusal };
  return { kind: 'solved', resolution: solved, wanted };
}
