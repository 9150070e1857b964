import type { Shown } from './agent-state.ts';
import { type ConvergingParts, settle } from './converging.ts';
import type { Outcome } from './transaction.ts';
import type { Wake } from './wake.ts';

/** What follows once a change is applied and something had to restart for it. */
export interface Aftermath {
  /** Waits for the restart, gives it up when it does not come, or asks how the device is after it. */
  goOn(wake: Wake): Promise<void>;
}

export function createAftermath(parts: ConvergingParts, show: (shown: Shown) => void): Aftermath {
  const { state, transactions, reporter, clock } = parts;

  async function end(outcome: Outcome): Promise<void> {
    const point = state.applied?.point ?? null;
    state.applied = null;
    state.installed = await transactions.installed();
    if (point !== null) await settle(parts, outcome, point);
  }

  return {
    async goOn(wake) {
      const { applied } = state;
      if (applied === null) return;
      if (applied.restart === null) return await end(await transactions.conclude(reporter));
      const { until } = applied.restart;
      if (until <= clock.now()) return await end(await transactions.giveUpRestart(reporter));
      show({ phase: 'rebooting', reason: null, retryAt: until, detail: null });
      await wake.wait(until - clock.now());
    },
  };
}
