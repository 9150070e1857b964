import { Cron } from 'croner';
import { JamesError } from './errors.ts';

/** Numbers, names of months and days, `*`, lists, ranges and steps: what crontab(5) knows. */
const FIELD = /^(\*|[0-9]+|[A-Za-z]{3})([-,/]?(\*|[0-9]+|[A-Za-z]{3}))*$/;
/** From here on it is looked whether a time ever comes. */
const SOME_DAY = new Date(Date.UTC(2024, 0, 1));

/**
 * A cron expression of five fields: minute, hour, day of the month, month, day of the week. Where both days are given,
 * either counts, as in crontab(5). It is read in a zone of the IANA database; if none is given, in that of the machine.
 * Throws `bad-document` with a sentence that has no point at its end.
 */
export function parseCron(expression: string, timezone?: string): Cron {
  const shown = JSON.stringify(expression.slice(0, 128));
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5 || !fields.every((field) => FIELD.test(field)))
    throw bad(
      `${shown} is no cron expression; write five fields: minute, hour, day of the month, month, day of the week, as in "0 2 * * 1-5"`,
    );
  const cron = construct(fields.join(' '), shown, timezone);
  if (cron.nextRun(SOME_DAY)) return cron;
  throw bad(`${shown} is a time that never comes`);
}

function construct(expression: string, shown: string, timezone: string | undefined): Cron {
  try {
    return new Cron(expression, { mode: '5-part', paused: true, ...(timezone && { timezone }) });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : '';
    throw bad(`${shown} is no cron expression: ${why.replace(/\.$/, '')}`, cause);
  }
}

function bad(sentence: string, cause?: unknown): JamesError {
  return new JamesError('bad-document', sentence, { cause });
}
