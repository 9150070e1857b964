import type { Desired } from '../proto/desired.ts';
import type { AgentState } from './agent-state.ts';
import { type ConvergingParts, converge } from './converging.ts';

/** Between two looks at packages that nobody meant to change. */
const LOOK_EVERY_MS = 3_600_000;

/** When packages are looked at again: after a start, and every hour. Never where jamesd has none. */
export interface Look {
  /** Looks if it is time, and installs what could not be installed before and can be now; false if it is not time. */
  due(stopping: AbortSignal): Promise<boolean>;
  /** Everything was looked at just now. */
  done(): void;
  /** How long to sleep at most, in ms (null: for ever), when `ms` would be the time without looking. */
  within(ms: number | null): number | null;
}

export function createLook(parts: ConvergingParts): Look {
  const { state, transactions, clock, changed } = parts;
  let next = clock.now();
  const hasPackages = (): boolean => state.installed.packages !== null;
  const done = (): void => {
    next = clock.now() + LOOK_EVERY_MS;
  };
  return {
    async due(stopping) {
      if (!hasPackages() || clock.now() < next) return false;
      done();
      const before = JSON.stringify(state.installed.packages);
      const again = await transactions.look();
      state.installed = await transactions.installed();
      if (JSON.stringify(state.installed.packages) !== before) changed();
      if (again && isBroughtAbout(state)) await converge(parts, state.desired, stopping);
      return true;
    },
    done,
    within: (ms) =>
      hasPackages() ? Math.min(ms ?? Number.POSITIVE_INFINITY, next - clock.now()) : ms,
  };
}

/** The desired state that was accepted last is there; whatever else is to be tried again has its own time. */
function isBroughtAbout(state: AgentState): state is AgentState & { desired: Desired } {
  const { desired, installed } = state;
  return desired !== null && desired.signed.digest === installed.point?.digest;
}
