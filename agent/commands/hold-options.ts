import type { Command } from 'commander';
import { parseDuration } from '../../proto/duration.ts';
import { JamesError } from '../../proto/errors.ts';
import { HOLD_NAME } from '../gates/hold-view.ts';
import type { HoldRequest } from './hold-command.ts';
import { formatOf } from './output-format.ts';
import type { ProgramDeps } from './program.ts';

type End = (status: number) => void;

/** The commands with which programs on the device hold changes back. */
export function addHoldCommands(program: Command, { actions, env }: ProgramDeps, end: End): void {
  const stateOf = (options: { state?: string }): string =>
    options.state ?? env.JAMESC_STATE ?? '/var/lib/jamesc';
  const withState = (command: Command): Command =>
    command.option('--state <DIR>', 'the state directory [JAMESC_STATE]');
  withState(program.command('hold <NAME> [COMMAND...]'))
    .description(
      'hold changes back: until released, for a time, or while a command runs (after --)',
    )
    .option('--for <DURATION>', 'such as 30m or 2h; until released if not given')
    .action(async (name: string, command: string[], options: { state?: string; for?: string }) =>
      end(await actions.hold({ state: stateOf(options), ...read(name, command, options.for) })),
    );
  withState(program.command('release <NAME>'))
    .description('end a hold')
    .action(async (name: string, options: { state?: string }) =>
      end(await actions.release(stateOf(options), nameOf(name))),
    );
  withState(program.command('holds'))
    .description('show what holds changes back')
    .option('-o, --output <FORMAT>', 'text or json', 'text')
    .action(async (options: { state?: string; output: string }) =>
      end(await actions.holds(stateOf(options), formatOf(options.output))),
    );
}

function read(
  name: string,
  command: readonly string[],
  duration: string | undefined,
): Omit<HoldRequest, 'state'> {
  if (command.length > 0 && duration !== undefined)
    throw new JamesError(
      'usage',
      'Give a command or --for, not both: a command holds while it runs.',
    );
  return {
    name: nameOf(name),
    forMs: duration === undefined ? null : parseDuration(duration),
    command,
  };
}

function nameOf(text: string): string {
  if (new RegExp(HOLD_NAME).test(text)) return text;
  throw new JamesError(
    'usage',
    `${JSON.stringify(text.slice(0, 64))} is no name of a hold: use up to 64 letters, digits, ".", "_" or "-".`,
  );
}
