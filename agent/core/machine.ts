import type { Phase } from '../../proto/reported.ts';

/** Where a transaction stands. */
export type State =
  | 'idle'
  | 'downloading'
  | 'readying'
  | 'verified'
  | 'packaging'
  | 'staging'
  | 'applying'
  | 'applied'
  | 'restarting'
  | 'checking'
  | 'finishing'
  | 'undoing'
  | 'stuck';

/** What happened to it. */
export type Event =
  | 'planned'
  | 'begun'
  | 'downloaded'
  | 'packaging'
  | 'journaled'
  | 'staged'
  | 'applied'
  | 'checking'
  | 'restarting'
  | 'restarted'
  | 'committed'
  | 'cleaned'
  | 'failed'
  | 'aborted'
  | 'resumed';

const ignored = null;

/**
 * From where, by what, to where; null where an event changes nothing. Until packages are touched or everything is staged
 * nothing has changed that others see, so an abort is followed; after that only a failure turns round, and from
 * `finishing` on nothing does.
 */
export const transitions: Readonly<Record<State, Readonly<Record<Event, State | null>>>> = {
  idle: row({ planned: 'downloading', resumed: 'undoing', restarted: 'checking' }),
  downloading: row({
    begun: 'readying',
    downloaded: 'verified',
    failed: 'idle',
    aborted: 'idle',
  }),
  readying: row({ downloaded: 'verified', failed: 'undoing', aborted: 'undoing' }),
  verified: row({
    packaging: 'packaging',
    journaled: 'staging',
    failed: 'undoing',
    aborted: 'undoing',
  }),
  packaging: row({ journaled: 'applying', applied: 'applied', failed: 'undoing' }),
  staging: row({ staged: 'applying', failed: 'undoing', aborted: 'undoing' }),
  applying: row({ applied: 'applied', failed: 'undoing' }),
  applied: row({
    checking: 'checking',
    restarting: 'restarting',
    committed: 'finishing',
    failed: 'undoing',
  }),
  checking: row({ committed: 'finishing', failed: 'undoing' }),
  restarting: row({ restarted: 'checking', failed: 'undoing' }),
  finishing: row({ cleaned: 'idle', failed: 'stuck' }),
  undoing: row({ cleaned: 'idle', failed: 'stuck' }),
  stuck: row({ resumed: 'undoing', cleaned: 'idle' }),
};

function row(some: Partial<Record<Event, State>>): Record<Event, State | null> {
  return {
    planned: ignored,
    begun: ignored,
    downloaded: ignored,
    packaging: ignored,
    journaled: ignored,
    staged: ignored,
    applied: ignored,
    checking: ignored,
    restarting: ignored,
    restarted: ignored,
    committed: ignored,
    cleaned: ignored,
    failed: ignored,
    aborted: ignored,
    resumed: ignored,
    ...some,
  };
}

/** The state after an event. */
export const next = (state: State, event: Event): State => transitions[state][event] ?? state;

/** The phase that a device reports; null where the agent's loop says it, knowing how it ended. */
export const phaseOf: Readonly<Record<State, Phase | null>> = {
  idle: null,
  downloading: 'downloading',
  readying: 'downloading',
  verified: 'verified',
  packaging: 'applying',
  staging: 'verified',
  applying: 'applying',
  applied: 'applying',
  restarting: 'rebooting',
  checking: 'checking',
  finishing: null,
  undoing: 'rolling-back',
  stuck: 'failed',
};
