import type { Desired } from '../proto/desired.ts';
import type { AgentState } from './agent-state.ts';
import { type ConvergingParts, converge } from './converging.ts';

/** Between two looks at what nobody meant to change; each time a tenth more or less. */
const LOOK_EVERY_MS = 3_600_000;

/**
 * When packets and packages are looked at again: after a start, every hour, and when the desired document carries a new wish
 * for it. Never where jamesd has installed nothing.
 */
export interface Look {
  /** Looks if it is time, and installs what could not be installed before and can be now; false if it is not time. */
  due(stopping: AbortSignal): Promise<boolean>;
  /** Everything was looked at just now. */
  done(): void;
  /** How long to sleep at most, in ms (null: for ever), when `ms` would be the time without looking. */
  within(ms: number | null): number | null;
}

export function createLook(parts: ConvergingParts): Look {
  const { state, clock, random } = parts;
  let next = clock.now();
  let followed: string | null = null;
  let isCutOff = false;
  const wish = (): string | null => state.desired?.signed.check ?? null;
  const hasSomething = ({ installed } = state): boolean =>
    installed.packages !== null || installed.packets.length > 0;
  const isTime = (): boolean => clock.now() >= next || wish() !== followed;
  const delay = (): void => {
    next = clock.now() + Math.round(LOOK_EVERY_MS * (0.9 + random() / 5));
  };
  return {
    async due(stopping) {
      if (!hasSomething() || !isTime()) return false;
      const check = wish();
      const again = await look(parts, check, stopping);
      isCutOff = again === null;
      if (again === null) return true;
      followed = check;
      delay();
      if (again && isBroughtAbout(state)) await converge(parts, state.desired, stopping);
      return true;
    },
    done: () => {
      if (!isCutOff) delay();
    },
    within: (ms) => {
      if (!hasSomething()) return ms;
      return Math.min(ms ?? Number.POSITIVE_INFINITY, Math.max(0, next - clock.now()));
    },
  };
}

/** Whether another try is worth while; null if a new desired state came in between. */
async function look(
  { state, transactions, changed }: ConvergingParts,
  check: string | null,
  stopping: AbortSignal,
): Promise<boolean | null> {
  const cutOff = new AbortController();
  const signal = AbortSignal.any([cutOff.signal, stopping]);
  const told = JSON.stringify(state.installed);
  state.looking = cutOff;
  try {
    const again = await transactions.look({ check, signal });
    state.repairedInVain = false;
    return again;
  } catch (error) {
    if (cutOff.signal.aborted && error === cutOff.signal.reason) return null;
    throw error;
  } finally {
    state.looking = null;
    state.installed = await transactions.installed();
    if (JSON.stringify(state.installed) !== told) changed();
  }
}

/** The desired state that was accepted last is there; whatever else is to be tried again has its own time. */
function isBroughtAbout(state: AgentState): state is AgentState & { desired: Desired } {
  const { desired, installed } = state;
  return desired !== null && desired.signed.digest === installed.point?.digest;
}
