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
  const shared = Object.values(globalOptions).map(optionOf);
  const parents = ['', ...new Set(built.flatMap(({ name }) => parentsOf(name)))];
  const middle = parents.map(
    (path): CompletionNode => ({
      path,
      words: wordsBelow(path, built, parents),
      options: path === '' ? shared : [],
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
  return [...middle, ...leaves];
}

/** `source secret set` → `source`, `source secret`. */
function parentsOf(name: string): string[] {
  const words = name.split(' ');
  return words.slice(1).map((_, index) => words.slice(0, index + 1).join(' '));
}

const wordsOf = (path: string): number => (path === '' ? 0 : path.split(' ').length);

/** The verbs and nouns that may follow a path. */
function wordsBelow(
  path: string,
  built: readonly Command[],
  parents: readonly string[],
): CompletionNode['words'] {
  const isBelow = (name: string): boolean =>
    wordsOf(name) === wordsOf(path) + 1 && (path === '' || name.startsWith(`${path} `));
  const last = (name: string): string => name.split(' ').at(-1) ?? name;
  return [
    ...built
      .filter(({ name }) => isBelow(name))
      .map(({ name, summary }) => ({ word: last(name), about: summary })),
    ...parents
      .filter(isBelow)
      .map((name) => ({ word: last(name), about: groups[name]?.summary ?? name })),
  ];
}

function optionOf({ flags, about, completion }: Option<unknown>): CompletionOption {
  const names = flags.match(/(?<![\w-])--?[a-zA-Z][a-z-]*/g) ?? [];
  return { flags: names, about, value: flags.includes('<') ? completion : null };
}

const LISTS: Readonly<Record<string, string>> = {
  spec: 'spec list',
  source: 'source list',
  secret: 'source secret list',
  device: 'device list',
  token: 'token list',
};

/** The command that prints the ids of a kind, or null where a list cannot be had. */
export function listCommand(completion: Completion): string | null {
  const verb = typeof completion === 'string' ? LISTS[completion] : undefined;
  return verb === undefined ? null : `${PROGRAM} ${verb} -o name 2>/dev/null`;
}
