import type { Phase } from '../../proto/reported.ts';

/** Where a transaction stands. */
export type State =
  | 'idle'
  | 'downloading'
  | 'verified'
  | 'staging'
  | 'applying'
  | 'finishing'
  | 'discarding'
  | 'undoing'
  | 'stuck';

/** What happened to it. */
export type Event =
  | 'planned'
  | 'downloaded'
  | 'journaled'
  | 'staged'
  | 'committed'
  | 'cleaned'
  | 'failed'
  | 'aborted';

const ignored = null;

/**
 * From where, by what, to where; null where an event changes nothing. Up to `staging` nothing has changed that others
 * see, so an abort is followed; from `applying` on only a failure turns round, and from `finishing` on nothing does.
 */
export const transitions: Readonly<Record<State, Readonly<Record<Event, State | null>>>> = {
  idle: row({ planned: 'downloading' }),
  downloading: row({ downloaded: 'verified', failed: 'idle', aborted: 'idle' }),
  verified: row({ journaled: 'staging', failed: 'idle', aborted: 'idle' }),
  staging: row({ staged: 'applying', failed: 'discarding', aborted: 'discarding' }),
  applying: row({ committed: 'finishing', failed: 'undoing' }),
  finishing: row({ cleaned: 'idle', failed: 'stuck' }),
  discarding: row({ cleaned: 'idle', failed: 'stuck' }),
  undoing: row({ cleaned: 'idle', failed: 'stuck' }),
  stuck: row({}),
};

function row(some: Partial<Record<Event, State>>): Record<Event, State | null> {
  return {
    planned: ignored,
    downloaded: ignored,
    journaled: ignored,
    staged: ignored,
    committed: ignored,
    cleaned: ignored,
    failed: ignored,
    aborted: ignored,
    ...some,
  };
}

/** The state after an event. */
export const next = (state: State, event: Event): State => transitions[state][event] ?? state;

/** The phase that a device reports; null where the agent's loop says it, knowing how it ended. */
export const phaseOf: Readonly<Record<State, Phase | null>> = {
  idle: null,
  downloading: 'downloading',
  verified: 'verified',
  staging: 'verified',
  applying: 'applying',
  finishing: 'applying',
  discarding: 'rolling-back',
  undoing: 'rolling-back',
  stuck: 'failed',
};
