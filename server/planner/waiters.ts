import type { Clock } from '../../proto/clock.ts';

/** Long requests that wait for a device's document to change. */
export interface Waiters {
  /** True when `notify` is called for the device, false after `ms` or when the signal is aborted. */
  wait(device: string, ms: number, signal: AbortSignal): Promise<boolean>;
  notify(device: string): void;
  /** Ends all waits with false. */
  stop(): void;
}

export function createWaiters(clock: Clock): Waiters {
  const waiting = new Map<string, Set<(changed: boolean) => void>>();

  const finish = (device: string, changed: boolean): void => {
    const ends = waiting.get(device);
    waiting.delete(device);
    for (const end of ends ?? []) end(changed);
  };

  const wait: Waiters['wait'] = (device, ms, signal) =>
    new Promise((resolve) => {
      const ends = waiting.get(device) ?? new Set();
      waiting.set(device, ends);
      const end = (changed: boolean): void => {
        cancel();
        signal.removeEventListener('abort', abort);
        ends.delete(end);
        if (ends.size === 0 && waiting.get(device) === ends) waiting.delete(device);
        resolve(changed);
      };
      const abort = (): void => end(false);
      const cancel = clock.after(ms, () => end(false));
      ends.add(end);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) end(false);
    });

  return {
    wait,
    notify: (device) => finish(device, true),
    stop() {
      for (const device of [...waiting.keys()]) finish(device, false);
    },
  };
}
