import type { EventKind, EventView } from '../../proto/api.ts';

/** What happened, for people to read; kept 30 days or 5 million. */
export interface Events {
  /** Adds an event. Durable soon after; an event that is lost with the process changes nothing else. */
  add(event: NewEvent): void;
  /** Events newest first, below the cursor `before` (exclusive). */
  list(query: EventQuery): Promise<EventPage>;
}

export interface EventQuery {
  before?: number;
  limit: number;
  subject?: string;
  kind?: EventKind;
}

/** `next` is the cursor of what follows, null at the end. A page may be short, even empty, and still have a next one. */
export interface EventPage {
  items: EventView[];
  next: number | null;
}

export interface NewEvent {
  kind: EventKind;
  /** `token:ID`, `device:ID` or `server`. */
  actor: string;
  subject: string;
  detail?: string;
}
