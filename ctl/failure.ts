import type { CommanderError } from 'commander';
import { JamesError, toProblem } from '../proto/errors.ts';
import { quoteCommand } from './core/shell-quote.ts';
import { EXIT_FAILED, EXIT_USAGE } from './exit-status.ts';
import { SeveralErrors } from './several-errors.ts';

export const PROGRAM = 'jamesd-ctl';

/** What a failed call says on stderr, and its exit status. `json`: as a problem document. */
export function describeFailure(
  error: unknown,
  argv: readonly string[],
  json: boolean,
): { text: string; status: number } {
  const errors = errorsOf(error);
  const [first] = errors;
  const status = first?.code === 'usage' ? EXIT_USAGE : EXIT_FAILED;
  const repeat = first && repeatOf(first, argv);
  if (json && first) {
    const problem = {
      ...toProblem(first),
      ...(repeat && { repeat }),
      ...(errors.length > 1 && { errors: errors.map(toProblem) }),
    };
    return { text: `${JSON.stringify(problem, null, 2)}\n`, status };
  }
  const sentences = errors.map(
    ({ message, code }) => `${PROGRAM}: ${sentence(message)} (${code})\n`,
  );
  return { text: `${sentences.join('')}${repeat ? `Repeat it with: ${repeat}\n` : ''}`, status };
}

/** Commander's refusal of a command line as an error of ours. */
export function usageError({ message }: CommanderError, command: string): JamesError {
  const text = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const shown = `${text[0]?.toUpperCase()}${text.slice(1)}`.replace(
    /\s*\((Did you mean .*\?)\)$/,
    '. $1',
  );
  const end = /[.?]$/.test(shown) ? '' : '.';
  return new JamesError(
    'usage',
    `${shown}${end} See: ${[PROGRAM, command, '--help'].filter(Boolean).join(' ')}`,
  );
}

function errorsOf(error: unknown): JamesError[] {
  if (error instanceof SeveralErrors) return [...error.errors];
  if (error instanceof JamesError) return [error];
  const system = error as NodeJS.ErrnoException;
  const reason =
    error instanceof Error
      ? system.code
        ? system.message
        : `${error.name}: ${error.message}`
      : String(error);
  return [
    new JamesError(system?.code ? 'bad-request' : 'internal', `${reason}.`, { cause: error }),
  ];
}

/** The command that agrees to the removals which the server counted. */
function repeatOf({ code, members }: JamesError, argv: readonly string[]): string | null {
  const { removals } = members;
  if (code !== 'removals-unconfirmed' || typeof removals !== 'number') return null;
  const kept: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] as string;
    if (word === '--confirm-removals') index += 1;
    else if (!word.startsWith('--confirm-removals=')) kept.push(word);
  }
  return quoteCommand([PROGRAM, ...withoutToken(kept), '--confirm-removals', String(removals)]);
}

/** What is repeated on a screen must not show the token. */
function withoutToken(words: readonly string[]): string[] {
  return words.map((word, index) => {
    if (words[index - 1] === '--token') return '$JAMESD_TOKEN';
    return word.startsWith('--token=') ? '--token=$JAMESD_TOKEN' : word;
  });
}

function sentence(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ');
}
