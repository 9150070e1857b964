import type { Bus } from '../../broker/bus.ts';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import type { SpecEntry } from '../core/model.ts';
import type { Events } from '../events/events.ts';
import type { Packets } from '../packets/packets.ts';
import type { Planner } from '../planner/planner.ts';
import type { Registry } from './registry.ts';

/** What the live messages about the fleet are made from. */
export interface FeedParts {
  registry: Registry;
  planner: Pick<Planner, 'desiredOf' | 'onChange'>;
  specs: {
    all(): Iterable<SpecEntry>;
    /** Calls `listener` after specs changed, durably. */
    onChange(listener: () => void): () => void;
  };
  packets: Pick<Packets, 'get'>;
  events: Pick<Events, 'add'>;
  bus: Pick<Bus, 'publish' | 'disconnect'>;
  clock: Clock;
  log: Log;
  /** The identity of the store's lineage. */
  epoch: string;
}
