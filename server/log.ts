import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The server's log on stderr: a JSON line per entry, or coloured text if that is a terminal. */
export function createLog(level: LogLevel): Logger {
  const { stderr } = process;
  const stream = stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level, redact: ['token', 'secret', 'password', 'authorization'] }, stream);
}
