import type { Clock } from '../../proto/clock.ts';
import type { LogLines } from '../../proto/messages.ts';
import type { PackageReporter } from './package-driver.ts';

/** Package managers write many lines at once; they are passed on together, so often at most. */
const INTERVAL_MS = 500;
/** What a message carries (`LogLines`); of more the last count. */
const MAX_LINES = 200;
const MAX_CHARACTERS = 4096;
/** A message must stay well below the broker's limit. */
const MAX_TOTAL_CHARACTERS = 32 * 1024;

export interface PacedReporter extends PackageReporter {
  /** Passes on what waits. */
  flush(): void;
}

/** A package manager's lines in few messages. */
export function createPacedReporter(
  clock: Clock,
  to: {
    log(lines: Omit<LogLines, 'schema'>): void;
    progress: PackageReporter['progress'];
  },
): PacedReporter {
  let waiting: string[] = [];
  let cancel: (() => void) | null = null;
  const flush = (): void => {
    cancel?.();
    cancel = null;
    if (waiting.length === 0) return;
    const lines = lastOf(waiting);
    waiting = [];
    to.log({ source: 'packages', lines });
  };
  return {
    log(lines) {
      waiting = [...waiting, ...lines.map((line) => line.slice(0, MAX_CHARACTERS))];
      waiting = waiting.slice(-MAX_LINES);
      cancel ??= clock.after(INTERVAL_MS, flush);
    },
    progress: (bytes, total) => to.progress(bytes, total),
    flush,
  };
}

function lastOf(lines: readonly string[]): string[] {
  let characters = 0;
  const from = lines.findLastIndex((line) => {
    characters += line.length;
    return characters > MAX_TOTAL_CHARACTERS;
  });
  return lines.slice(from + 1);
}
