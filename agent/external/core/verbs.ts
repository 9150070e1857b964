/** The version of the protocol between agent and drivers. */
export const DRIVER_PROTOCOL = 1;

/** What a driver is asked, by the word that is its argument. `optional`: it may answer that it does not do that. */
export const VERBS = {
  list: { optional: true },
  prepare: { optional: false },
  install: { optional: false },
  remove: { optional: false },
  commit: { optional: true },
  rollback: { optional: false },
  health: { optional: true },
  'needs-reboot': { optional: true },
} as const satisfies Record<string, { optional: boolean }>;
export type Verb = keyof typeof VERBS;

/** Exit statuses with a meaning of their own, as in BSD's sysexits; every other but 0 is a failure. */
export const EXIT = { done: 0, notSupported: 69, later: 75 } as const;
