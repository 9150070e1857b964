/** Whether something may be done now. */
export type Gate =
  | { open: true }
  | {
      open: false;
      /** `gave-up`: held back past its deadline; it stays so until the desired state is another, or is released. */
      reason: 'window' | 'blackout' | 'inhibited' | 'gave-up';
      /** Full sentences for people. */
      detail: string;
      /** When it may end, of the wall clock in ms; null: nobody knows. */
      until: number | null;
      /** After so long it is worth asking again. */
      askAgainMs: number;
    };

export interface GateVerdict {
  download: Gate;
  apply: Gate;
}

/** The desired state that is to be brought about. */
export interface AskedPoint {
  epoch: string;
  revision: number;
  digest: string;
  /** False: something has to be downloaded still, and deadlines do not begin to count. True if not given. */
  downloaded?: boolean;
}

/** Clocks and zones may be set at any time. */
const LOOK_MS = 300_000;
/** Nobody asks more often. */
const SOON_MS = 250;

/** When to ask again: at one of the times, but no later than `mostMs` from now. */
export function askAgain(
  now: number,
  times: readonly (number | null)[],
  mostMs: number = LOOK_MS,
): number {
  const coming = times.flatMap((time) => (time === null ? [] : [time - now]));
  return Math.max(SOON_MS, Math.min(mostMs, ...coming));
}
