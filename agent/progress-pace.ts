import type { Clock } from '../proto/clock.ts';

const INTERVAL_MS = 250;

/** Hands on at most four values per second, always the latest one last. */
export interface ProgressPace<Value> {
  offer(value: Value): void;
  /** Drops what waits. */
  stop(): void;
}

export function createProgressPace<Value>(
  clock: Clock,
  emit: (value: Value) => void,
): ProgressPace<Value> {
  let latest: { value: Value } | null = null;
  let cancel: (() => void) | null = null;

  const flush = (): void => {
    cancel = null;
    if (latest === null) return;
    const { value } = latest;
    latest = null;
    cancel = clock.after(INTERVAL_MS, flush);
    emit(value);
  };

  return {
    offer(value) {
      latest = { value };
      if (cancel === null) flush();
    },
    stop() {
      cancel?.();
      cancel = null;
      latest = null;
    },
  };
}
