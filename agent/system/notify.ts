import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import type { Commands } from './commands.ts';

/** Tells the supervisor how the agent is (sd_notify(3)), where there is one that listens. */
export interface Notifier {
  /** The agent has started; from now on the supervisor also hears that it lives, as often as it asked for. */
  ready(): void;
  /** One line for people; the same one again is not told. */
  status(text: string): void;
  stop(): void;
}

export interface NotifierOptions {
  /** With NOTIFY_SOCKET and WATCHDOG_USEC as systemd sets them. */
  env: Readonly<Record<string, string | undefined>>;
  commands: Commands;
  clock: Clock;
  log: Log;
}

const silent: Notifier = { ready: () => undefined, status: () => undefined, stop: () => undefined };
const TIMEOUT_MS = 10_000;
/** Of a line for people. */
const MOST_CHARACTERS = 300;

/** Node.js has no datagram sockets of Unix, so the program `systemd-notify` tells it. Without NOTIFY_SOCKET nothing is told. */
export function createNotifier({ env, commands, clock, log }: NotifierOptions): Notifier {
  const socket = env.NOTIFY_SOCKET;
  if (!socket) return silent;
  const everyMs = watchdogMs(env.WATCHDOG_USEC);
  let last: string | null = null;
  let telling: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;
  let failed = false;

  /** One after the other, so that nothing is overtaken. */
  function tell(...lines: string[]): void {
    telling = telling.then(async () => {
      const { end, code, output } = await commands.run({
        file: 'systemd-notify',
        args: lines,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', NOTIFY_SOCKET: socket ?? '' },
        cwd: '/',
        timeoutMs: TIMEOUT_MS,
      });
      const failsNow = end !== 'exited' || code !== 0;
      if (failsNow && !failed) log.warn({ end, code, output }, 'systemd-notify failed.');
      failed = failsNow;
    });
  }

  /** A timer of the event loop: where the loop hangs, nothing is told any more. */
  function beat(ms: number): void {
    cancel = clock.after(ms, () => {
      tell('WATCHDOG=1');
      beat(ms);
    });
  }

  return {
    ready() {
      tell('READY=1');
      if (everyMs !== null) beat(everyMs);
    },
    status(text) {
      const line = text.replace(/\s+/g, ' ').slice(0, MOST_CHARACTERS);
      if (line === last) return;
      last = line;
      tell(`STATUS=${line}`);
    },
    stop: () => cancel(),
  };
}

/** Half of the time within which the supervisor wants to hear of the agent; null: it does not. */
function watchdogMs(usec: string | undefined): number | null {
  return /^[1-9]\d{3,}$/.test(usec ?? '') ? Number(usec) / 2000 : null;
}
