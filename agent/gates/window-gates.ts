import type { Windows } from '../../proto/windows.ts';
import { sayTime, utcTime, type ZoneTime, zoneTimeOf } from '../core/zone-time.ts';
import { type Act, unknownZones, type WindowsVerdict, windowsAt } from './core/windows-at.ts';
import type { DeviceZone } from './device-zone.ts';
import { askAgain, type Gate } from './gate.ts';

export interface WindowQuestion {
  windows: readonly Windows[];
  act: Act;
  now: number;
  zone: DeviceZone;
}

export interface WindowGates {
  at(question: WindowQuestion): WindowsVerdict;
}

/** Verdicts that say no are kept until what they say may change: the search for the next opening can be long. */
export function createWindowGates(device: string): WindowGates {
  const kept = new Map<Act, WindowQuestion & { verdict: WindowsVerdict }>();
  return {
    at(question) {
      const { windows, act, now, zone } = question;
      const known = kept.get(act);
      if (
        known?.windows === windows &&
        known.zone.zone === zone.zone &&
        known.now <= now &&
        now < goodUntil(known)
      )
        return known.verdict;
      const verdict = windowsAt(windows, act, now, zone.zone, device);
      kept.set(act, { ...question, verdict });
      return verdict;
    },
  };
}

const HOUR_MS = 3_600_000;

function goodUntil({ verdict, now }: { verdict: WindowsVerdict; now: number }): number {
  if (verdict.open) return now;
  return Math.min(verdict.opensAt ?? Number.POSITIVE_INFINITY, now + HOUR_MS);
}

/** The gate of a verdict, with a sentence that names the next opening in the device's time. */
export function windowGate(
  verdict: WindowsVerdict,
  { windows, act, now, zone }: WindowQuestion,
): Gate {
  if (verdict.open) return { open: true };
  const { reason, opensAt } = verdict;
  const time = timeOf(zone);
  const opening =
    opensAt === null
      ? 'no opening was found within two years'
      : `the next opening is ${sayTime(opensAt, time)}`;
  const sentence =
    reason === 'blackout'
      ? `Nothing is applied today, a black-out date; ${opening}.`
      : `No window to ${act} is open; ${opening}.`;
  return {
    open: false,
    reason,
    detail: [sentence, ...warnings(windows, zone)].join(' '),
    until: opensAt,
    askAgainMs: askAgain(now, [opensAt]),
  };
}

export const timeOf = ({ zone }: DeviceZone): ZoneTime => zoneTimeOf(zone) ?? utcTime;

function warnings(windows: readonly Windows[], { warning }: DeviceZone): string[] {
  const named = unknownZones(windows).map(
    (name) => `The time zone ${JSON.stringify(name)} is not known here: UTC counts.`,
  );
  const own = windows.some(({ timezone }) => timezone === undefined);
  return own && warning !== null ? [...named, warning] : named;
}
