import { parseCron } from '../../../proto/cron.ts';
import { parseDuration } from '../../../proto/duration.ts';
import type { Window } from '../../../proto/windows.ts';

/** The readings of the wall at which a window begins, and how long it lasts. */
export interface Recurrence {
  durationMs: number;
  /** It begins every hour, or every few: also in the hour that comes twice it does so twice. */
  hourly: boolean;
  /** The first beginning after a reading of the wall; null if there is none. */
  next(wall: number): number | null;
  /** The last beginning at or before a reading of the wall; null if there is none. */
  latest(wall: number): number | null;
}

/** Null: the window never begins, or nobody can read it. */
export function recurrenceOf(window: Window): Recurrence | null {
  const expression = 'cron' in window ? window.cron.trim() : weekly(window);
  try {
    // Read as if the wall were of UTC: what a zone makes of it is decided in one place.
    const cron = parseCron(expression, 'UTC');
    return {
      durationMs: parseDuration(window.duration),
      hourly: expression.split(/\s+/)[1]?.startsWith('*') === true,
      next: (wall) => cron.nextRun(new Date(wall))?.getTime() ?? null,
      latest(wall) {
        const second = Math.floor(wall / 1000) * 1000 + 1000;
        return cron.previousRuns(1, new Date(second))[0]?.getTime() ?? null;
      },
    };
  } catch {
    return null;
  }
}

function weekly({ at, days }: Extract<Window, { at: string }>): string {
  return `${Number(at.slice(3))} ${Number(at.slice(0, 2))} * * ${days?.join(',') ?? '*'}`;
}
