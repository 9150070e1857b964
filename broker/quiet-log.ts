import type { Clock } from '../proto/clock.ts';
import type { Log } from '../proto/log.ts';
import { type Pace, spend, waitFor } from './core/pace.ts';

/** A log for what strangers can cause: a few lines of each kind a minute; what is left out is counted in the next line. */
export interface QuietLog {
  warn(kind: string, fields: object, message: string): void;
  debug(kind: string, fields: object, message: string): void;
}

const pace: Pace = { perSecond: 0.2, burst: 10 };

export function createQuietLog(log: Log, clock: Clock): QuietLog {
  const kinds = new Map<string, { used: number; leftOut: number }>();

  function write(level: 'warn' | 'debug', kind: string, fields: object, message: string): void {
    const state = kinds.get(kind) ?? { used: 0, leftOut: 0 };
    kinds.set(kind, state);
    const now = clock.monotonic();
    if (waitFor(pace, state.used, now) > 0) {
      state.leftOut++;
      return;
    }
    state.used = spend(pace, state.used, now);
    log[level](state.leftOut > 0 ? { ...fields, leftOut: state.leftOut } : fields, message);
    state.leftOut = 0;
  }

  return {
    warn: (kind, fields, message) => write('warn', kind, fields, message),
    debug: (kind, fields, message) => write('debug', kind, fields, message),
  };
}
