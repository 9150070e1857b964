import type { Client } from './client.ts';
import type { Argument, Option } from './option.ts';
import type { OutputFormat } from './print/format.ts';
import type { Text } from './print/text.ts';
import type { Result } from './result.ts';
import type { Surroundings } from './surroundings.ts';

/** What a command gets to work with. */
export interface Context extends Surroundings {
  format: OutputFormat;
  /** The server's API, with the server and token of flags, environment or context. */
  client(): Promise<Client>;
  /** Where the client would go; for `login` and `doctor`. */
  connection(): Promise<Connection>;
  /** The words of this call after the program's name, for saying how to repeat it. */
  argv: readonly string[];
  /** Prints one line of a stream at once: the text for people, or the data as one line of JSON. */
  emit(data: unknown, text: Text): void;
  /** A sentence for a person at a terminal, on stderr. */
  note(sentence: string): void;
  /** A sentence for stderr, also where nobody may be watching. */
  warn(sentence: string): void;
  /** The command table; for `completion`. */
  commands: readonly Command[];
  /** Shows how far something is, on one line of a terminal's stderr that is replaced each time; null clears it. */
  progress(text: string | null): void;
}

export interface Connection {
  server: string;
  token: string | null;
  /** Where server and token were found, such as `JAMESD_SERVER`. */
  serverFrom: string;
  tokenFrom: string | null;
  configFile: string;
  context: string | null;
}

/** A verb, type-erased: one row of the command table. */
export interface Command {
  /** Noun and verb, such as `packet build`. */
  name: string;
  summary: string;
  /** More than a line about it, for its help. */
  details?: string;
  arguments: Readonly<Record<string, Argument<unknown>>>;
  options: Readonly<Record<string, Option<unknown>>>;
  examples: readonly string[];
  /** What exit statuses say beyond or in place of 0 done, 1 failed, 2 usage. */
  statuses?: { 1?: string; 3?: string };
  /** Known by name, but part of a later release. */
  later?: boolean;
  run(input: Readonly<Record<string, unknown>>, context: Context): Promise<Result>;
}

type Values<Spec> = {
  [Key in keyof Spec]: Spec[Key] extends Option<infer Value> | Argument<infer Value>
    ? Value
    : never;
};

/** A verb as its file writes it: the input's type follows from its arguments and options. */
export interface CommandDefinition<Arguments, Options>
  extends Omit<Command, 'arguments' | 'options' | 'run'> {
  arguments: Arguments;
  options: Options;
  run(input: Values<Arguments> & Values<Options>, context: Context): Promise<Result>;
}

/** Erases the types of a definition; `parse.ts` builds the input from the same definition. */
export function defineCommand<
  const Arguments extends Record<string, Argument<unknown>>,
  const Options extends Record<string, Option<unknown>>,
>(definition: CommandDefinition<Arguments, Options>): Command {
  return definition as unknown as Command;
}
