import {
  deviceTopic,
  FLEET_CHANGES_TOPIC,
  FLEET_SUMMARY_TOPIC,
  specStatusTopic,
} from '../../proto/topics.ts';
import { changesMessage } from './change-rows.ts';
import { followReports } from './device-events.ts';
import { deviceRow } from './device-state.ts';
import type { FeedParts } from './feed-parts.ts';
import { createFleetTally } from './fleet-tally.ts';
import { presenceMessage } from './retained-source.ts';

/** Changes are gathered for this long before they are sent. */
const GATHER_MS = 300;
/** Summary and states of specs are sent at most this often. */
const SUMMARY_MS = 1_000;
/** Publishes under way at one time. */
const AT_ONCE = 100;
const NOTHING = new Uint8Array();

/** What others learn of the fleet: presence, rows that changed, summary, states of specs; events of devices. */
export interface FleetFeed {
  /** Counts the fleet, publishes how it stands, then follows changes. For after the planner's start. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when what was known at the call is published. */
  settled(): Promise<void>;
}

/** Follows registry, planner and specs. A removed or newly enrolled device loses its connection. */
export function createFleetFeed(parts: FeedParts): FleetFeed {
  const { registry, planner, specs, packets, bus, clock, log, epoch } = parts;
  const tally = createFleetTally(parts);
  let changed = new Set<string>();
  let presence = new Set<string>();
  let respecified = false;
  let summaryDue = false;
  let summaryAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();
  let endings: (() => void)[] = [];
  let started = false;

  function wake(ms = GATHER_MS): void {
    if (!started) return;
    cancel ??= clock.after(ms, () => {
      cancel = undefined;
      run();
    });
  }

  function run(): void {
    running = running.then(pass).catch((error: unknown) => {
      log.error({ err: error }, 'the live messages of this moment were not sent');
    });
  }

  function mark(id: string): void {
    changed.add(id);
    wake();
  }

  async function pass(): Promise<void> {
    const ids = [...changed];
    const came = [...presence];
    changed = new Set();
    presence = new Set();
    await publishPresence(came);
    if (ids.length > 0) await publishRows(ids);
    if (respecified) await recount();
    else if (await tally.count(ids)) summaryDue = true;
    if (summaryDue) await publishCounts();
  }

  async function recount(): Promise<void> {
    respecified = false;
    tally.takeSpecs();
    await tally.count([...registry.all()].map(({ id }) => id));
    summaryDue = true;
  }

  async function publishCounts(): Promise<void> {
    const wait = summaryAt + SUMMARY_MS - clock.monotonic();
    if (wait > 0) return wake(wait);
    summaryDue = false;
    summaryAt = clock.monotonic();
    await send(FLEET_SUMMARY_TOPIC, tally.summary(), true);
    for (const [spec, status] of tally.takeStatuses()) {
      await send(specStatusTopic(spec), status ?? NOTHING, true);
    }
  }

  async function publishRows(ids: readonly string[]): Promise<void> {
    const at = new Date(clock.now()).toISOString();
    const message = changesMessage(at, ids, (id) => {
      const device = registry.get(id);
      return device && deviceRow(device, planner.desiredOf(id), packets, epoch);
    });
    await send(FLEET_CHANGES_TOPIC, message, false);
  }

  async function publishPresence(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const devices = ids.slice(at, at + AT_ONCE).flatMap((id) => registry.get(id) ?? []);
      await Promise.all(
        devices.map((device) =>
          send(deviceTopic(device.id, 'presence'), presenceMessage(device), true),
        ),
      );
    }
  }

  async function send(topic: string, message: Uint8Array | object, retain: boolean): Promise<void> {
    const payload = message instanceof Uint8Array ? message : Buffer.from(JSON.stringify(message));
    await bus.publish({ topic, payload, qos: retain ? 1 : 0, retain });
  }

  function dismiss(id: string, removed: boolean): void {
    const work = [bus.disconnect(id)];
    if (removed) {
      for (const channel of ['desired', 'reported', 'presence'] as const) {
        work.push(send(deviceTopic(id, channel), NOTHING, true));
      }
    }
    Promise.all(work).catch((error: unknown) =>
      log.warn({ err: error, device: id }, 'a device was not taken off the bus'),
    );
  }

  function follow(): void {
    endings = [
      followReports(parts),
      registry.onChange(({ device, cause }) => {
        mark(device);
        if (cause === 'removed' || cause === 'enrolled') dismiss(device, cause === 'removed');
      }),
      registry.reports.onReport(mark),
      registry.presence.onPresence((device) => {
        presence.add(device);
        mark(device);
      }),
      planner.onChange((devices) => devices.forEach(mark)),
      specs.onChange(() => {
        respecified = true;
        wake();
      }),
    ];
  }

  return {
    async start() {
      started = true;
      follow();
      respecified = true;
      run();
      await running;
    },
    async stop() {
      for (const end of endings) end();
      started = false;
      cancel?.();
      cancel = undefined;
      await running;
    },
    async settled() {
      summaryAt = Number.NEGATIVE_INFINITY;
      run();
      await running;
    },
  };
}
