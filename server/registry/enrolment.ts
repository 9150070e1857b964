import type { Enrolment } from '../../proto/api.ts';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { requireId } from '../../proto/ids.ts';
import { type Labels, labelsProblem } from '../../proto/labels.ts';
import type { Events } from '../events/events.ts';
import { keys } from '../store/keys.ts';
import { type Operation, StaleError, type Store } from '../store/store.ts';
import { Device } from './device.ts';
import type { DeviceRecord } from './device-record.ts';
import type { Interner } from './interner.ts';
import type { JoinTokens, JoinUse } from './join-tokens.ts';
import type { Locks } from './locks.ts';
import type { Reports } from './reports.ts';
import type { Roster } from './roster.ts';
import { hashOfSecret, newSecret } from './secret.ts';

/** How long an approved id stays open for one new enrolment, if nothing else is said. */
export const APPROVAL_MS = 3_600_000;
const NOTHING: Labels = {};
const TRIES = 5;

export interface EnrolRequest {
  id: string;
  /** The configured labels of the device. */
  labels: Labels;
  /** The join token. */
  token: string;
  /** Where the request came from; shown to the operator who approves. */
  peer: string;
  /** The secret that the device made for itself, so that a lost answer does not lose it; else one is made here. */
  secret?: string;
}

export interface Enrolments {
  /**
   * Gives a device its identity. Throws `unauthenticated` or `token-expired` for the token, `bad-id`, `bad-labels`, and
   * `device-exists` for an id that exists: then the attempt is kept as a claim until an operator approves it.
   */
  enrol(request: EnrolRequest): Promise<Enrolment>;
  /**
   * Opens the id for one new enrolment within `ms`. The old secret works until that succeeds. Throws `not-found`.
   */
  approve(id: string, actor: string, ms?: number): Promise<void>;
}

interface Parts {
  store: Store;
  clock: Clock;
  events: Events;
  roster: Roster;
  interner: Interner;
  locks: Locks;
  reports: Reports;
  joinTokens: JoinTokens;
}

/** Enrolment of devices; attempts for one id run one after the other. */
export function createEnrolments(parts: Parts): Enrolments {
  const { store, clock, events, roster, interner, locks, reports, joinTokens } = parts;
  const isOpen = (device: Device): boolean => (device.record.openUntil ?? 0) > clock.now();

  async function attempt(request: EnrolRequest): Promise<Enrolment> {
    const use = await joinTokens.use(request.token);
    const device = roster.get(request.id);
    if (device && !isOpen(device)) {
      await claim(device, use, request.peer);
      throw new JamesError(
        'device-exists',
        `A device with the id "${request.id}" is enrolled. Approve the new one with "jamesd-ctl device approve ${request.id}" and enrol again, or give it another id.`,
      );
    }
    if (use.operations.length === 0) return admit(request, use, device);
    return locks.run(`token/${use.id}`, async () =>
      admit(request, await joinTokens.use(request.token), device),
    );
  }

  /** Keeps the first attempt; while it waits for an operator, further ones change nothing. */
  async function claim(device: Device, use: JoinUse, peer: string): Promise<void> {
    if (device.record.state === 'pending') return;
    const at = new Date(clock.now()).toISOString();
    await write(device, { state: 'pending', claim: { at, peer, token: use.id }, openUntil: null });
    events.add({
      kind: 'device-claimed',
      actor: `token:${use.id}`,
      subject: device.id,
      detail: `from ${peer}`,
    });
  }

  async function write(device: Device, change: Partial<DeviceRecord>): Promise<void> {
    const record = { ...device.record, ...change };
    await store.batch([{ put: keys.device(device.id), value: JSON.stringify(record) }]);
    device.identify(record, interner);
  }

  async function admit(
    request: EnrolRequest,
    use: JoinUse,
    former: Device | undefined,
  ): Promise<Enrolment> {
    const secret = request.secret ?? newSecret();
    const record = recordOf(request, use, secret, former);
    if (former) former.closing = true;
    try {
      await reports.quiet(request.id);
      await store.batch(operationsOf(request.id, record, use), use.expect);
    } finally {
      if (former) former.closing = false;
    }
    settle(request.id, record, former);
    events.add({
      kind: 'device-enrolled',
      actor: `token:${use.id}`,
      subject: request.id,
      detail: former ? 'in place of the former holder' : `from ${request.peer}`,
    });
    return { device: request.id, secret };
  }

  function recordOf(
    { labels }: EnrolRequest,
    use: JoinUse,
    secret: string,
    former: Device | undefined,
  ): DeviceRecord {
    return {
      format: 1,
      secret: hashOfSecret(secret),
      state: 'enrolled',
      join: use.labels,
      config: labels,
      operator: former?.record.operator ?? NOTHING,
      enrolledAt: new Date(clock.now()).toISOString(),
      token: use.id,
      claim: null,
      openUntil: null,
    };
  }

  function settle(id: string, record: DeviceRecord, former: Device | undefined): void {
    if (former) {
      former.identify(record, interner);
      former.forgetReport();
    } else {
      roster.add(new Device(id, record, interner));
    }
    roster.changed({ device: id, cause: 'enrolled' });
  }

  return {
    async enrol(request) {
      requireId('device', request.id);
      const problem = labelsProblem(request.labels);
      if (problem) throw new JamesError('bad-labels', `Labels: ${problem}.`);
      return locks.run(request.id, () => retried(() => attempt(request)));
    },
    async approve(id, actor, ms = APPROVAL_MS) {
      await locks.run(id, async () => {
        const device = roster.get(id);
        if (!device) throw new JamesError('not-found', `No device "${id}" is enrolled.`);
        const openUntil = clock.now() + ms;
        await write(device, { state: 'enrolled', openUntil });
        const until = new Date(openUntil).toISOString();
        events.add({ kind: 'device-approved', actor, subject: id, detail: `until ${until}` });
      });
    },
  };
}

/** The identity, the token's use, and no trace of what a former holder of the id said. */
function operationsOf(id: string, record: DeviceRecord, use: JoinUse): Operation[] {
  return [
    { put: keys.device(id), value: JSON.stringify(record) },
    { delete: keys.reported(id) },
    { delete: keys.seen(id) },
    ...use.operations,
  ];
}

/** Tries again when somebody else changed the token meanwhile. */
async function retried<Result>(task: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof StaleError) || tries === TRIES) throw error;
    }
  }
}
