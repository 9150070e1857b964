import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Reported } from '../../proto/reported.ts';
import { keys } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import type { Device } from './device.ts';
import { reportValue } from './device-record.ts';
import type { ReportedSummary } from './devices.ts';
import type { Interner } from './interner.ts';
import { parseReport } from './parse-report.ts';
import type { Refusals } from './refusals.ts';
import type { Roster } from './roster.ts';

/** Takes what devices say of themselves. */
export interface Reports {
  /**
   * Takes a report: it is on disk when the promise resolves. False for one that is ignored, because its `seq` is not above
   * the last. Throws
   * `not-found` for a device that is not enrolled, `bad-message` or `unknown-schema` for nonsense (nothing is changed),
   * or what the store throws.
   */
  received(device: string, bytes: Uint8Array): Promise<boolean>;
  /** Resolves when no report of the device is under way. */
  quiet(device: string): Promise<void>;
  /** Calls `listener` after each report that counted, with what the device said before. */
  onReport(listener: (device: string, before: ReportedSummary | null) => void): () => void;
}

interface Parts {
  store: Store;
  clock: Clock;
  roster: Roster;
  interner: Interner;
  refusals: Refusals;
}

/** One put per report and nothing read: the last `seq` stands in memory. The store groups the puts of a moment. */
export function createReports({ store, clock, roster, interner, refusals }: Parts): Reports {
  const underWay = new Map<string, { seq: number; done: Promise<void> }>();
  const listeners = new Set<(device: string, before: ReportedSummary | null) => void>();

  async function received(id: string, bytes: Uint8Array): Promise<boolean> {
    const device = roster.get(id);
    if (!device || device.closing) {
      throw new JamesError('not-found', `No device "${id}" is enrolled; enrol it first.`);
    }
    const { reported, json } = parsed(id, bytes);
    const running = underWay.get(id);
    if (reported.seq <= (running?.seq ?? device.reported?.seq ?? -1)) {
      await running?.done;
      return false;
    }
    const done = write(device, reported, json);
    const mine = { seq: reported.seq, done };
    underWay.set(id, mine);
    try {
      await done;
      return true;
    } finally {
      if (underWay.get(id) === mine) underWay.delete(id);
    }
  }

  function parsed(id: string, bytes: Uint8Array): ReturnType<typeof parseReport> {
    try {
      return parseReport(bytes);
    } catch (error) {
      refusals.note(id, error as Error);
      throw error;
    }
  }

  async function write(device: Device, reported: Reported, json: string): Promise<void> {
    const at = clock.now();
    await store.batch([{ put: keys.reported(device.id), value: reportValue(at, json) }]);
    const before = device.reported;
    if (before && before.seq >= reported.seq) return;
    device.seenAt = at;
    const relabelled = device.report(reported, interner);
    if (relabelled) roster.changed({ device: device.id, cause: 'device' });
    for (const listener of [...listeners]) listener(device.id, before);
  }

  return {
    received,
    async quiet(id) {
      await underWay.get(id)?.done.catch(() => {});
    },
    onReport(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
