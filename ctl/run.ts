import type { Client } from './client.ts';
import { createClient } from './client.ts';
import type { Command, Context } from './command.ts';
import { commandTable } from './command-table.ts';
import { findConnection } from './connection.ts';
import { EXIT_DONE, EXIT_USAGE } from './exit-status.ts';
import { describeFailure, PROGRAM } from './failure.ts';
import { globalOptions } from './globals.ts';
import { createHttp } from './http.ts';
import type { OutputFormat } from './print/format.ts';
import { createPrinter } from './print/printer.ts';
import { wrap } from './print/width.ts';
import { type Invocation, parseCommandLine } from './program.ts';
import type { Output, Surroundings } from './surroundings.ts';

/** What a shell expects of a program that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

/** Runs one command line; never throws. The exit status: 0 done, 1 failed, 2 usage, 3 differs or not yet. */
export async function runCtl(
  argv: readonly string[],
  surroundings: Surroundings,
  commands: readonly Command[] = commandTable,
): Promise<number> {
  const { stdout, stderr, signal } = surroundings;
  try {
    const style = { width: stdout.columns ?? 80, colour: hasColour(surroundings) };
    const invocation = parseCommandLine(argv, commands, style);
    if (invocation.kind === 'run')
      return await runCommand(invocation, argv, surroundings, commands);
    (invocation.kind === 'text' ? stdout : stderr).write(invocation.text);
    return invocation.kind === 'text' ? EXIT_DONE : EXIT_USAGE;
  } catch (error) {
    if (signal.aborted) return EXIT_INTERRUPTED;
    const { text, status } = describeFailure(error, argv, wantsJson(argv));
    stderr.write(fitted(text, stderr));
    return status;
  }
}

async function runCommand(
  { command, input, globals }: Extract<Invocation, { kind: 'run' }>,
  argv: readonly string[],
  surroundings: Surroundings,
  commands: readonly Command[],
): Promise<number> {
  const format: OutputFormat = globalOptions.output.read(globals.output) ?? 'table';
  const { stderr } = surroundings;
  const printer = createPrinter(format, surroundings, hasColour(surroundings));
  const context: Context = {
    ...surroundings,
    ...printer,
    ...connected(globals, surroundings),
    format,
    argv,
    commands,
  };
  try {
    const result = await command.run(input, context);
    printer.print(result);
    return result.status ?? EXIT_DONE;
  } catch (error) {
    if (!command.later) throw error;
    stderr.write(fitted(describeFailure(error, argv, format === 'json').text, stderr));
    return EXIT_USAGE;
  } finally {
    printer.progress(null);
  }
}

function connected(
  globals: Extract<Invocation, { kind: 'run' }>['globals'],
  surroundings: Surroundings,
): Pick<Context, 'client' | 'connection'> {
  const flags = {
    server: globalOptions.server.read(globals.server),
    token: globalOptions.token.read(globals.token),
    context: globalOptions.context.read(globals.context),
    config: globalOptions.config.read(globals.config),
  };
  const connection = () => findConnection(flags, surroundings);
  const client = async (): Promise<Client> => {
    const { server, token } = await connection();
    return createClient(createHttp({ ...surroundings, server, token }));
  };
  return { connection, client };
}

/** Colour is for terminals, and not where NO_COLOR is set (no-color.org) or the terminal is dumb. */
function hasColour({ stdout, env }: Surroundings): boolean {
  return stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Also for a command line that could not be read. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, index) =>
      /^(-o=?|--output=)json$/.test(word) ||
      (word === 'json' && /^(-o|--output)$/.test(argv[index - 1] ?? '')),
  );
}

/** On a terminal, sentences are broken at spaces; a command to be copied stays whole. */
function fitted(text: string, { columns }: Output): string {
  if (columns === undefined) return text;
  const isSentence = (line: string): boolean => line.startsWith(`${PROGRAM}: `);
  return text
    .split('\n')
    .flatMap((line) => (isSentence(line) ? wrap(line, columns) : [line]))
    .join('\n');
}
