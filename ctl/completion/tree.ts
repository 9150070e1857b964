import type { Command } from '../command.ts';
import { PROGRAM } from '../failure.ts';
import { globalOptions, groups } from '../globals.ts';
import type { Completion, Option } from '../option.ts';

/** A place in a command line at which words can follow. */
export interface CompletionNode {
  /** '' for the program, `packet`, `packet build`. */
  path: string;
  /** Words that may follow and what they are. */
  words: readonly { word: string; about: string }[];
  options: readonly CompletionOption[];
  /** What the arguments are, one after the other; the last one goes on if it may be repeated. */
  arguments: readonly Completion[];
}

export interface CompletionOption {
  /** `-f` and `--file`. */
  flags: readonly string[];
  about: string;
  /** null: the option takes no value. */
  value: Completion | null;
}

/** The command table as a shell's completion needs it: verbs that this release has, by path. */
export function completionTree(commands: readonly Command[]): CompletionNode[] {
  const built = commands.filter(({ later }) => !later);
  const nouns = [
    ...new Set(
      built
        .filter(({ name }) => name.includes(' '))
        .map(({ name }) => name.split(' ')[0] as string),
    ),
  ];
  const shared = Object.values(globalOptions).map(optionOf);
  const root: CompletionNode = {
    path: '',
    words: [
      ...built
        .filter(({ name }) => !name.includes(' '))
        .map(({ name, summary }) => ({ word: name, about: summary })),
      ...nouns.map((noun) => ({ word: noun, about: groups[noun]?.summary ?? noun })),
    ],
    options: shared,
    arguments: [],
  };
  const middle = nouns.map(
    (noun): CompletionNode => ({
      path: noun,
      words: built
        .filter(({ name }) => name.startsWith(`${noun} `))
        .map(({ name, summary }) => ({ word: name.slice(noun.length + 1), about: summary })),
      options: [],
      arguments: [],
    }),
  );
  const leaves = built.map(
    (command): CompletionNode => ({
      path: command.name,
      words: [],
      options: [...Object.values(command.options).map(optionOf), ...shared],
      arguments: Object.values(command.arguments).map(({ completion }) => completion),
    }),
  );
  return [root, ...middle, ...leaves];
}

function optionOf({ flags, about, completion }: Option<unknown>): CompletionOption {
  const names = flags.match(/(?<![\w-])--?[a-zA-Z][a-z-]*/g) ?? [];
  return { flags: names, about, value: flags.includes('<') ? completion : null };
}

/** The command that prints the ids of a kind, or null where a list cannot be had. */
export function listCommand(completion: Completion): string | null {
  return completion === 'spec' || completion === 'device' || completion === 'token'
    ? `${PROGRAM} ${completion} list -o name 2>/dev/null`
    : null;
}
