import type { Transport as TransportName } from '../../proto/messages.ts';

/**
 * The port to the server. An adapter keeps itself connected: it tries again by itself, with its own back-off, until it is
 * stopped. It delivers the bytes of desired states as they are; to judge them is the agent's.
 */
export interface Transport {
  start(handlers: TransportHandlers): void;
  /**
   * Sends a report. Resolves when the server has it on disk. Rejects with `server-unreachable` if there is no connection
   * or it ended before the answer, with another code if the server does not take this report.
   */
  report(content: Uint8Array): Promise<void>;
  /** Best effort: lost without a word if there is no connection. */
  progress(content: Uint8Array): void;
  /** Best effort, as `progress`. */
  log(content: Uint8Array): void;
  /** Ends all connections; no handler is called after it resolved. May be started again. */
  stop(): Promise<void>;
}

export interface TransportHandlers {
  /** A desired document or a reference to one; called for each that arrives, also for one that is known. */
  desired(content: Uint8Array): void;
  /** Called on each change. */
  state(state: LinkState): void;
}

export type LinkState =
  /** Desired states arrive and reports can be sent. */
  | { kind: 'connected'; transport: TransportName }
  /** An attempt failed, or a connection ended after `upMs` (0 if it never stood). */
  | { kind: 'disconnected'; cause: DisconnectCause; detail: string; upMs: number };

/** `credentials`: the server does not take them; trying again soon is of no use. */
export type DisconnectCause = 'refused' | 'timeout' | 'credentials' | 'lost';
