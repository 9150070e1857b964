import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
type Level = keyof typeof LEVELS;

export interface LoggerDeps {
  clock: Clock;
  level: Level;
  /** For people instead of programs. */
  pretty: boolean;
  /** Takes one line with its end. */
  write(line: string): void;
}

/** A log of one line per entry: JSON with the numbers and names that pino uses, or a short text for a terminal. */
export function createLogger({ clock, level, pretty, write }: LoggerDeps): Log {
  const format = pretty ? prettyLine : jsonLine;
  const at =
    (own: Level) =>
    (fields: object, message: string): void => {
      if (LEVELS[own] < LEVELS[level]) return;
      write(`${format(own, clock.now(), plain(fields), message)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

type Fields = Record<string, unknown>;

function jsonLine(level: Level, time: number, fields: Fields, msg: string): string {
  return JSON.stringify({ level: LEVELS[level], time, ...fields, msg });
}

function prettyLine(level: Level, time: number, fields: Fields, message: string): string {
  const clock = new Date(time).toISOString().slice(11, 23);
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${textOf(value)}`);
  return `${clock} ${level.toUpperCase().padEnd(5)} ${message}${rest.join('')}`;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** Errors as their message, code and causes; a stack is for debugging and stands in no log of a device. */
function plain(fields: object): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? describe(value) : value,
    ]),
  );
}

function describe(error: Error): string {
  const code = 'code' in error && error.code !== undefined ? ` (${String(error.code)})` : '';
  const cause = error.cause instanceof Error ? `: ${describe(error.cause)}` : '';
  return `${error.message}${code}${cause}`;
}
