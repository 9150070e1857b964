import type { Clock } from '../proto/clock.ts';
import { JamesError } from '../proto/errors.ts';
import type { Log } from '../proto/log.ts';

/** Between two reports; what changes meanwhile goes with the next one. */
const INTERVAL_MS = 250;
/** After a report that the server could not take now. */
const RETRY_MS = 5000;
const LOST: readonly string[] = ['server-unreachable', 'unavailable', 'rate-limited', 'internal'];

export interface ReportsDeps {
  /** The report as it would be now. */
  compose(): Promise<Uint8Array>;
  /** Resolves when the server has it on disk. */
  send(content: Uint8Array): Promise<void>;
  clock: Clock;
  log: Log;
}

/** Sends reports: the latest wins, a few per second at most, again until one is acknowledged. */
export interface Reports {
  /** Something that a report tells has changed. */
  changed(): void;
  /** Reports can be sent, or no longer. A new connection gets a report at once. */
  connected(yes: boolean): void;
  /** Resolves when the server has the latest report; at once if it has it. */
  settled(): Promise<void>;
  stop(): void;
}

export function createReports({ compose, send, clock, log }: ReportsDeps): Reports {
  let dirty = false;
  let online = false;
  let sending = false;
  let stopped = false;
  let notBefore = 0;
  let cancel = (): void => {};
  let waiting: (() => void)[] = [];

  const schedule = (): void => {
    cancel();
    if (!dirty || !online || sending || stopped) return;
    cancel = clock.after(Math.max(0, notBefore - clock.monotonic()), () => void pump());
  };

  const pump = async (): Promise<void> => {
    sending = true;
    dirty = false;
    notBefore = clock.monotonic() + INTERVAL_MS;
    await sendOne().catch((error: unknown) => failed(error));
    sending = false;
    if (!dirty) settle();
    schedule();
  };

  const sendOne = async (): Promise<void> => send(await compose());

  const failed = (error: unknown): void => {
    const code = error instanceof JamesError ? error.code : 'internal';
    if (LOST.includes(code)) {
      dirty = true;
      notBefore = clock.monotonic() + RETRY_MS;
      log.debug({ err: error }, 'The report did not arrive and is sent again.');
    } else {
      log.error({ err: error }, 'The server does not take the report; it is dropped.');
    }
  };

  const settle = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  return {
    changed() {
      dirty = true;
      schedule();
    },
    connected(yes) {
      if (yes && !online) {
        dirty = true;
        notBefore = clock.monotonic();
      }
      online = yes;
      schedule();
    },
    settled: () =>
      dirty || sending ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(),
    stop() {
      stopped = true;
      cancel();
    },
  };
}
