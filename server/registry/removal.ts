import { JamesError } from '../../proto/errors.ts';
import type { Events } from '../events/events.ts';
import { keys } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import type { Locks } from './locks.ts';
import type { Reports } from './reports.ts';
import type { Roster } from './roster.ts';

interface Parts {
  store: Store;
  events: Events;
  roster: Roster;
  locks: Locks;
  reports: Reports;
}

/** Removes a device with all that is kept of it: its secret is void from then on. Throws `not-found`. */
export type RemoveDevice = (id: string, actor: string) => Promise<void>;

/**
 * The removal of devices. Connections, retained topics and the desired state follow from the change that listeners are
 * told; the planner keeps the last revision, so that a later device of the same id goes on from there.
 */
export function createRemoval({ store, events, roster, locks, reports }: Parts): RemoveDevice {
  return (id, actor) =>
    locks.run(id, async () => {
      const device = roster.get(id);
      if (!device) throw new JamesError('not-found', `No device "${id}" is enrolled.`);
      device.closing = true;
      try {
        await reports.quiet(id);
        const gone = [keys.device(id), keys.reported(id), keys.seen(id)];
        await store.batch(gone.map((key) => ({ delete: key })));
      } catch (error) {
        device.closing = false;
        throw error;
      }
      roster.remove(id);
      roster.changed({ device: id, cause: 'removed' });
      events.add({ kind: 'device-removed', actor, subject: id });
    });
}
