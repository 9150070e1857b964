import type { Clock } from '../proto/clock.ts';

/** Lets one loop sleep until it is called; a call that comes while it works is kept. */
export interface Wake {
  call(): void;
  /** Resolves at the next call, at once if one was kept, or after `ms` (null: never by itself). */
  wait(ms: number | null): Promise<void>;
}

export function createWake(clock: Clock): Wake {
  let called = false;
  let resume: (() => void) | null = null;
  return {
    call() {
      called = true;
      resume?.();
    },
    async wait(ms) {
      if (!called) await new Promise<void>((resolve) => sleep(resolve, ms));
      called = false;
    },
  };

  function sleep(resolve: () => void, ms: number | null): void {
    const cancel = ms === null ? () => {} : clock.after(Math.max(ms, 0), () => resume?.());
    resume = () => {
      resume = null;
      cancel();
      resolve();
    };
  }
}
