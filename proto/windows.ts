import Type from 'typebox';
import { Duration } from './health.ts';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** A time of day, `HH:MM`. */
export const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/** A span that begins at the times of a cron expression of five fields. */
export const CronWindow = Type.Object(
  { cron: Type.String({ minLength: 9, maxLength: 128 }), duration: Duration },
  { additionalProperties: false },
);

/** A span that begins on days of the week at a time. */
export const WeeklyWindow = Type.Object(
  {
    /** Every day if not given. */
    days: Type.Optional(
      Type.Array(Type.Enum([...weekdays]), { minItems: 1, maxItems: 7, uniqueItems: true }),
    ),
    at: TimeOfDay,
    duration: Duration,
  },
  { additionalProperties: false },
);

/** A span that comes again and again. */
export const Window = Type.Union([CronWindow, WeeklyWindow]);
export type Window =
  | { cron: string; duration: string }
  | { days?: Weekday[]; at: string; duration: string };

const When = Type.Union([
  Type.Literal('always'),
  Type.Array(Window, { minItems: 1, maxItems: 32 }),
]);

/**
 * When a device may download and when it may apply, in its own time zone. What is left out is not limited; `{}` limits
 * nothing, whatever specs of lower priority say.
 */
export const Windows = Type.Object(
  {
    /** A name of the IANA database; the device's own zone if not given. */
    timezone: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_+\\-/]{1,64}$' })),
    download: Type.Optional(When),
    apply: Type.Optional(When),
    /** Days on which nothing is applied: `2026-12-24`, or from one to another, both included: `2026-12-24/2026-12-27`. */
    blackout: Type.Optional(
      Type.Array(
        Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?$' }),
        { maxItems: 64 },
      ),
    ),
    /** Each device begins up to so much later in a window, always by the same span. */
    jitter: Type.Optional(Duration),
  },
  { additionalProperties: false },
);
export interface Windows {
  timezone?: string;
  download?: 'always' | Window[];
  apply?: 'always' | Window[];
  blackout?: string[];
  jitter?: string;
}

/** What holds a change back on the device, and for how long at most. */
export const Inhibit = Type.Object(
  {
    /** While a file of this absolute path exists. */
    file: Type.Optional(Type.String({ pattern: '^/', maxLength: 4096 })),
    /** While this shell command ends with another status than 0. */
    command: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
    /** While a program on the device holds changes back (`jamesc hold`). It may so without this, but with no deadline. */
    holds: Type.Optional(Type.Literal(true)),
    /** Counted from the time that the change could have begun; no end if not given. */
    deadline: Type.Optional(Duration),
    /** What happens at the deadline; `give-up` if not given. */
    // biome-ignore lint/suspicious/noThenProperty: the word is a field of the document.
    then: Type.Optional(Type.Union([Type.Literal('apply'), Type.Literal('give-up')])),
  },
  { additionalProperties: false },
);
export interface Inhibit {
  file?: string;
  command?: string;
  holds?: true;
  deadline?: string;
  then?: 'apply' | 'give-up';
}
