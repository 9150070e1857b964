/**
 * How the desired state is asked for over HTTP: by requests that the server holds open (`Prefer: wait=N`, RFC 7240), and
 * where something between cuts those, by shorter ones and at last by polling at an interval.
 */
export interface PollMode {
  /** Index into `WAITS`. */
  level: number;
  /** Long requests that were cut in a row. */
  cuts: number;
}

/** Seconds that a request may be held; 0 means polling. Many proxies cut after 60 s. */
export const WAITS = [240, 50, 0] as const;
/** So many cuts in a row show that this length does not pass. */
const CUTS = 2;

export type PollEvent =
  /** The request was answered by the server. */
  | 'answered'
  /** The connection stood, but the request ended without the server's answer before its time. */
  | 'cut'
  /** So much time has passed that longer requests are worth another try. */
  | 'again';

export const firstPollMode: PollMode = { level: 0, cuts: 0 };

export function nextPollMode(mode: PollMode, event: PollEvent): PollMode {
  if (event === 'again') return firstPollMode;
  if (event === 'answered' || mode.level === WAITS.length - 1) return { ...mode, cuts: 0 };
  const cuts = mode.cuts + 1;
  return cuts < CUTS ? { ...mode, cuts } : { level: mode.level + 1, cuts: 0 };
}

/** Seconds to ask the server to hold the request, at most `longest`; 0: do not ask. */
export const waitOf = (mode: PollMode, longest: number): number =>
  Math.min(WAITS[mode.level] ?? 0, longest);
