import type { Clock } from '../../proto/clock.ts';
import type { DevicePolicy } from '../../proto/device-policy.ts';
import type { Log } from '../../proto/log.ts';
import { sayTime } from '../core/zone-time.ts';
import { decideHolding, type Holding, type HoldingVerdict } from './core/deadlines.ts';
import { windowsAt } from './core/windows-at.ts';
import type { DeviceZone } from './device-zone.ts';
import { type AskedPoint, askAgain, type Gate, type GateVerdict } from './gate.ts';
import { type InhibitorParts, lookForHoldings } from './inhibitors.ts';
import { createWaiting } from './waiting.ts';
import { createWindowGates, timeOf, type WindowQuestion, windowGate } from './window-gates.ts';

/** When a device may download and when it may apply: windows, black-out dates, inhibitors, holds. */
export interface Gates {
  /**
   * How things stand now. Level, not edge: whoever is refused asks again after `askAgainMs`, or when a hold was changed.
   * Inhibitors are looked at only while the windows to apply are open. Rejects with the signal's reason, and for nothing
   * else.
   */
  ask(policy: DevicePolicy, point: AskedPoint, signal?: AbortSignal): Promise<GateVerdict>;
  /**
   * Forgets what was given up and since when a change waits: for when it was brought about, so that the next one waits
   * anew, and for when a person wants it to be tried again.
   */
  forget(): Promise<void>;
}

export interface GatesOptions extends InhibitorParts {
  clock: Clock;
  state: string;
  /** The id that decides the device's share of the jitter. */
  device: string;
  /** The device's zone, now. */
  zone(): Promise<DeviceZone>;
  log: Log;
}

/** Inhibitors are looked at so often; a command costs more than a look at a file. */
const LOOK_MS = { files: 5000, commands: 30_000 };

export function createGates(options: GatesOptions): Gates {
  const { clock, device, zone } = options;
  const waiting = createWaiting(options);
  const windowGates = createWindowGates(device);

  const apply = async (
    policy: DevicePolicy,
    point: AskedPoint,
    question: WindowQuestion,
    signal?: AbortSignal,
  ): Promise<Gate> => {
    const given = await waiting.gaveUp(point);
    if (given !== null) return gaveUp(given, question.now);
    const verdict = windowGates.at(question);
    if (!verdict.open) return windowGate(verdict, question);
    const holdings = await lookForHoldings(options, policy.inhibit ?? [], signal);
    if (holdings.length === 0) {
      if ((await waiting.since(point.digest)) !== null) await waiting.forget();
      return { open: true };
    }
    const { digest, downloaded = true } = point;
    const since = downloaded ? await waiting.begin(digest) : await waiting.since(digest);
    const now = clock.now();
    const decided = decideHolding(holdings, since, now);
    if (decided.kind === 'open') return { open: true };
    if (decided.kind === 'gave-up') {
      const sentence = `${decided.by.what}, still at its deadline; the change was given up.`;
      await waiting.giveUp(point, sentence);
      return gaveUp(sentence, now);
    }
    const mostMs = hasCommand(policy) ? LOOK_MS.commands : LOOK_MS.files;
    return {
      open: false,
      reason: 'inhibited',
      detail: sayHoldings(decided, since, { ...question, now, device }),
      until: decided.until,
      askAgainMs: askAgain(
        now,
        [decided.until, verdict.until, firstDeadline(holdings, since, now)],
        mostMs,
      ),
    };
  };

  return {
    async ask(policy, point, signal) {
      signal?.throwIfAborted();
      const now = clock.now();
      const windows = policy.windows ?? none;
      const asked = { windows, now, zone: await zone() };
      const download: WindowQuestion = { ...asked, act: 'download' };
      return {
        download: windowGate(windowGates.at(download), download),
        apply: await apply(policy, point, { ...asked, act: 'apply' }, signal),
      };
    },
    forget: () => waiting.forget(),
  };
}

/** One value, so that it is known again. */
const none: readonly [] = [];

const hasCommand = ({ inhibit = [] }: DevicePolicy): boolean =>
  inhibit.some(({ command }) => command !== undefined);

const gaveUp = (detail: string, now: number): Gate => ({
  open: false,
  reason: 'gave-up',
  detail,
  until: null,
  askAgainMs: askAgain(now, []),
});

/** The next moment at which a deadline changes something. */
function firstDeadline(
  holdings: readonly Holding[],
  since: number | null,
  now: number,
): number | null {
  const ends = holdings.flatMap(({ deadlineMs, endsAt }) => [
    ...(deadlineMs === null || since === null ? [] : [since + deadlineMs]),
    ...(endsAt === null ? [] : [endsAt]),
  ]);
  const coming = ends.filter((end) => end > now);
  return coming.length === 0 ? null : Math.min(...coming);
}

/** So many are named. */
const MAX_SAID = 3;

function sayHoldings(
  { by }: Extract<HoldingVerdict, { kind: 'inhibited' }>,
  since: number | null,
  context: WindowQuestion & { device: string },
): string {
  const said = by.slice(0, MAX_SAID).map((one) => sayHolding(one, since, context));
  const more = by.length - said.length;
  return [...said, ...(more > 0 ? [`${more} more hold it back.`] : [])].join(' ');
}

function sayHolding(
  { what, deadlineMs, atDeadline, endsAt }: Holding,
  since: number | null,
  { windows, zone, device }: WindowQuestion & { device: string },
): string {
  const time = timeOf(zone);
  const own = endsAt === null ? '' : ` until ${sayTime(endsAt, time)}`;
  if (deadlineMs === null) return `${what}${own}${own === '' ? '; it has no deadline' : ''}.`;
  if (since === null) return `${what}${own}; its deadline begins when all is downloaded.`;
  const end = since + deadlineMs;
  if (atDeadline === 'give-up')
    return `${what}${own}; the change is given up at ${sayTime(end, time)}.`;
  const then = windowsAt(windows, 'apply', end, zone.zone, device);
  const goesAhead = then.open ? end : then.opensAt;
  if (goesAhead === null) return `${what}${own}; its deadline is ${sayTime(end, time)}.`;
  return `${what}${own}; it goes ahead at ${sayTime(goesAhead, time)} at the latest.`;
}
