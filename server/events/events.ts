import type { EventKind, EventView } from '../../proto/api.ts';

/** What happened, for people to read; kept 30 days or 5 million. */
export interface Events {
  /** Adds an event. Durable soon after; an event that is lost with the process changes nothing else. */
  add(event: NewEvent): void;
  /** Events newest first, below the cursor `before` (exclusive). */
  list(query: {
    before?: number;
    limit: number;
    subject?: string;
    kind?: EventKind;
  }): Promise<EventView[]>;
}

export interface NewEvent {
  kind: EventKind;
  /** `token:ID`, `device:ID` or `server`. */
  actor: string;
  subject: string;
  detail?: string;
}
