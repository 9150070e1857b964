import type { ConvergingParts } from './converging.ts';

/** Between two looks at packages that nobody meant to change. */
const LOOK_EVERY_MS = 3_600_000;

/** When packages are looked at again: after a start, and every hour. Never where jamesd has none. */
export interface Look {
  /** Looks if it is time; false if it is not. */
  due(): Promise<boolean>;
  /** Everything was looked at just now. */
  done(): void;
  /** How long to sleep at most, in ms (null: for ever), when `ms` would be the time without looking. */
  within(ms: number | null): number | null;
}

export function createLook({ state, transactions, clock, changed }: ConvergingParts): Look {
  let next = clock.now();
  const hasPackages = (): boolean => state.installed.packages !== null;
  const done = (): void => {
    next = clock.now() + LOOK_EVERY_MS;
  };
  return {
    async due() {
      if (!hasPackages() || clock.now() < next) return false;
      done();
      const before = JSON.stringify(state.installed.packages);
      await transactions.look();
      state.installed = await transactions.installed();
      if (JSON.stringify(state.installed.packages) !== before) changed();
      return true;
    },
    done,
    within: (ms) =>
      hasPackages() ? Math.min(ms ?? Number.POSITIVE_INFINITY, next - clock.now()) : ms,
  };
}
