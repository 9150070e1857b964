import type { Clock, Random } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import type { Events } from '../events/events.ts';
import type { Store } from '../store/store.ts';
import type { Devices } from './devices.ts';
import { createEnrolments, type Enrolments } from './enrolment.ts';
import { createInterner } from './interner.ts';
import type { JoinTokens } from './join-tokens.ts';
import { createLastSeen } from './last-seen.ts';
import { loadDevices } from './load-devices.ts';
import { createLocks } from './locks.ts';
import { createRelabel, type Relabel } from './operator-labels.ts';
import { createPresence, type Presence } from './presence.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { createRemoval, type RemoveDevice } from './removal.ts';
import { createReportReader, type ReportReader } from './report-reader.ts';
import { createReports, type Reports } from './reports.ts';
import { createRoster, type Roster } from './roster.ts';
import { isSecret } from './secret.ts';

/** All that the server knows of its devices and takes from them. */
export interface Registry extends Devices, Enrolments {
  /** Devices in id order, from after the id `cursor`. */
  after: Roster['after'];
  /** True if the secret is the device's. */
  isSecret(id: string, secret: string | Uint8Array): boolean;
  remove: RemoveDevice;
  relabel: Relabel;
  reports: Pick<Reports, 'received' | 'onReport'>;
  reported: ReportReader;
  refusals: Refusals;
  presence: Omit<Presence, 'start' | 'stop'>;
  /** Loads all devices; everything else is for afterwards. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface RegistryParts {
  store: Store;
  clock: Clock;
  random: Random;
  events: Events;
  log: Log;
  joinTokens: JoinTokens;
  /** How often devices without MQTT poll, in ms; they are online while they do. */
  pollMs?: number;
}

/** The registry of devices: one writer, all identities and summaries in memory, every change on disk first. */
export function createRegistry(options: RegistryParts): Registry {
  const { store } = options;
  const roster = createRoster();
  const interner = createInterner();
  const locks = createLocks();
  const lastSeen = createLastSeen({ ...options, roster });
  const presence = createPresence({ ...options, roster, seen: lastSeen.seen });
  const refusals = createRefusals(options);
  const reports = createReports({ ...options, roster, interner, refusals });
  const parts = { ...options, roster, interner, locks, reports };

  return {
    get: roster.get,
    all: roster.all,
    size: roster.size,
    onChange: roster.onChange,
    after: roster.after,
    ...createEnrolments(parts),
    isSecret(id, secret) {
      const device = roster.get(id);
      return device !== undefined && isSecret(secret, device.record.secret);
    },
    remove: createRemoval(parts),
    relabel: createRelabel(parts),
    reports,
    reported: createReportReader({ store, reports, roster }),
    refusals,
    presence,
    async start() {
      await loadDevices(store, roster, interner);
      presence.start();
      lastSeen.start();
    },
    async stop() {
      presence.stop();
      await lastSeen.stop();
    },
  };
}
