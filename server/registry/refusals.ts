import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';

const PER_MINUTE = 20;

/** Counts messages that were refused, and logs the first of each minute: a broken fleet does not fill the log. */
export interface Refusals {
  note(device: string, error: Error): void;
  /** How many there were since the start. */
  count(): number;
}

/** Refusals since the start of the program. */
export function createRefusals({ clock, log }: { clock: Clock; log: Log }): Refusals {
  let total = 0;
  let logged = 0;
  let minute = -1;
  return {
    note(device, error) {
      total += 1;
      const now = Math.floor(clock.monotonic() / 60_000);
      if (now !== minute) logged = 0;
      minute = now;
      logged += 1;
      if (logged > PER_MINUTE) return;
      const code = error instanceof JamesError ? error.code : 'internal';
      log.warn({ device, refusedSoFar: total, code, why: error.message }, 'a message was refused');
    },
    count: () => total,
  };
}
