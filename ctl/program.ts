import {
  Argument as CommanderArgument,
  Command as CommanderCommand,
  CommanderError,
  Option as CommanderOption,
} from 'commander';
import type { Command } from './command.ts';
import { PROGRAM, usageError } from './failure.ts';
import { globalOptions, groups } from './globals.ts';
import { helpText, laterText } from './help.ts';
import type { Option, Raw } from './option.ts';
import { release } from './release.ts';

/** What a command line asks for. */
export type Invocation =
  | {
      kind: 'run';
      command: Command;
      input: Record<string, unknown>;
      globals: Readonly<Record<string, Raw>>;
    }
  /** Help or version for stdout. */
  | { kind: 'text'; text: string }
  /** No command was named: help for stderr. */
  | { kind: 'incomplete'; text: string };

export interface HelpStyle {
  width: number;
  colour: boolean;
}

/** Reads a command line by the command table. Throws `usage`. */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  style: HelpStyle,
): Invocation {
  const parsing: Parsing = { found: null, text: '', path: '' };
  const program = buildProgram(commands, style, parsing);
  try {
    program.parse(withoutHelpWord(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text: parsing.text };
    if (error.code === 'commander.help') return { kind: 'incomplete', text: parsing.text };
    throw usageError(error, parsing.path);
  }
  return parsing.found ?? { kind: 'incomplete', text: program.helpInformation() };
}

/** `help packet build` is `packet build --help`. */
function withoutHelpWord(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  return first === 'help' ? [...rest, '--help'] : [...argv];
}

interface Parsing {
  found: Invocation | null;
  text: string;
  /** The command that was being read. */
  path: string;
}

interface Building {
  program: CommanderCommand;
  nouns: Map<string, CommanderCommand>;
  style: HelpStyle;
  parsing: Parsing;
}

function buildProgram(
  commands: readonly Command[],
  style: HelpStyle,
  parsing: Parsing,
): CommanderCommand {
  const program = prepared(PROGRAM, '', style, parsing)
    .description(
      'The operator’s hand of jamesd: declare by label what software which devices should have.',
    )
    .version(release, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .addHelpText('after', laterText(commands));
  for (const option of Object.values(globalOptions)) addOption(program, option);
  const building: Building = { program, nouns: new Map(), style, parsing };
  for (const command of commands) addCommand(building, command);
  return program;
}

/** A verb that is not built yet is known, but not shown. */
function addCommand(building: Building, command: Command): void {
  const { program, style, parsing } = building;
  const words = command.name.split(' ');
  const leaf = prepared(words.at(-1) ?? '', command.name, style, parsing);
  const parent = nounCommand(building, words.slice(0, -1), command);
  parent.addCommand(describeLeaf(leaf, command, parsing, program), {
    hidden: command.later === true,
  });
}

/** The command that the words before a verb name, `source secret`; the program itself if there are none. */
function nounCommand(
  building: Building,
  words: readonly string[],
  command: Command,
): CommanderCommand {
  const { program, nouns, style, parsing } = building;
  const path = words.join(' ');
  const known = path === '' ? program : nouns.get(path);
  if (known) return known;
  const { summary = path, heading = 'Commands:' } = groups[path] ?? {};
  const fresh = prepared(words.at(-1) ?? '', path, style, parsing);
  fresh.summary(summary).description(summary);
  nouns.set(path, fresh.helpGroup(heading));
  const parent = nounCommand(building, words.slice(0, -1), command);
  parent.addCommand(fresh, { hidden: command.later === true });
  return fresh;
}

function prepared(
  name: string,
  path: string,
  style: HelpStyle,
  parsing: Parsing,
): CommanderCommand {
  const keep = (text: string): void => {
    parsing.text += text;
  };
  return new CommanderCommand(name)
    .exitOverride((error) => {
      parsing.path = path;
      throw error;
    })
    .configureOutput({
      writeOut: keep,
      writeErr: keep,
      outputError: () => undefined,
      getOutHelpWidth: () => style.width,
      getErrHelpWidth: () => style.width,
      getOutHasColors: () => style.colour,
      getErrHasColors: () => style.colour,
    })
    .configureHelp({
      styleTitle: (title) => `\u001b[1m${title}\u001b[0m`,
      showGlobalOptions: false,
    })
    .addHelpOption(helpOption(path))
    .helpCommand(false);
}

/** A verb shows it with the options that all have. */
function helpOption(path: string): CommanderOption {
  const option = new CommanderOption('-h, --help', 'show this help');
  return path === '' ? option : option.helpGroup('Global options:');
}

function describeLeaf(
  leaf: CommanderCommand,
  command: Command,
  parsing: Parsing,
  program: CommanderCommand,
): CommanderCommand {
  leaf
    .summary(command.summary)
    .description(descriptionOf(command))
    .addHelpText('after', helpText(command));
  leaf.helpGroup(groups[command.name]?.heading ?? 'Commands:');
  if (command.later) leaf.allowUnknownOption().allowExcessArguments();
  for (const argument of Object.values(command.arguments))
    leaf.addArgument(new CommanderArgument(argument.name, argument.about));
  for (const option of Object.values(command.options)) addOption(leaf, option);
  for (const option of Object.values(globalOptions)) addOption(leaf, option, 'Global options:');
  return leaf.action((...values: unknown[]) => {
    const raw = leaf.opts<Record<string, Raw>>();
    parsing.path = command.name;
    parsing.found = {
      kind: 'run',
      command,
      input: command.later ? {} : inputOf(command, values, raw),
      globals: { ...program.opts<Record<string, Raw>>(), ...raw },
    };
  });
}

function descriptionOf({ summary, details }: Command): string {
  const sentence = `${summary[0]?.toUpperCase()}${summary.slice(1)}.`;
  return details === undefined ? sentence : `${sentence}\n\n${details}`;
}

function addOption(command: CommanderCommand, option: Option<unknown>, group?: string): void {
  const built = new CommanderOption(option.flags, option.about);
  if (option.repeatable) built.argParser<string[]>((value, before) => [...(before ?? []), value]);
  if (group !== undefined) built.helpGroup(group);
  command.addOption(built);
}

function inputOf(
  command: Command,
  values: readonly unknown[],
  raw: Readonly<Record<string, Raw>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [index, [name, argument]] of Object.entries(command.arguments).entries())
    input[name] = argument.read(values[index] as Raw);
  for (const [name, option] of Object.entries(command.options))
    input[name] = option.read(raw[new CommanderOption(option.flags).attributeName()]);
  return input;
}
