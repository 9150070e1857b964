import { parseCron } from './cron.ts';
import type { DownloadPolicy, RateSpan } from './device-policy.ts';
import { parseDuration } from './duration.ts';
import { JamesError } from './errors.ts';
import type { Health, HealthCheck } from './health.ts';
import type { Spec } from './spec.ts';
import type { Inhibit, Window, Windows } from './windows.ts';

/** What is wrong with a policy, and where: a JSON pointer. The sentence has no point at its end. */
export interface PolicyFault {
  at: string;
  sentence: string;
}

type Faults = Generator<PolicyFault>;

/** The rules for a spec's policy that its schema cannot say: the faults, in the order in which a person should hear of them. */
export function* policyFaults({ health, windows, inhibit, downloads }: Spec): Faults {
  if (health) yield* healthFaults(health, '/health');
  if (windows) yield* windowsFaults(windows);
  if (Array.isArray(inhibit))
    for (const [index, one] of inhibit.entries()) yield* inhibitFaults(one, `/inhibit/${index}`);
  else if (inhibit) yield* inhibitFaults(inhibit, '/inhibit');
  if (downloads) yield* downloadFaults(downloads);
}

/** Of a spec's or a packet's health: its time limits, and what it asks. */
export function* healthFaults(health: Partial<Health>, at: string): Faults {
  yield* durationFaults(health.timeout, `${at}/timeout`);
  yield* durationFaults(health.interval, `${at}/interval`);
  for (const [index, check] of (health.checks ?? []).entries())
    yield* checkFaults(check, `${at}/checks/${index}`);
}

/** A duration that is none or too long; nothing where none is given. */
export function* durationFaults(text: string | undefined, at: string): Faults {
  if (text !== undefined) yield* faultsIn(() => parseDuration(text), at);
}

function* checkFaults(check: HealthCheck, at: string): Faults {
  if ('http' in check) yield* addressFaults(check.http, `${at}/http`);
  const port = 'tcp' in check ? Number(/[0-9]+$/.exec(check.tcp)?.[0]) : 1;
  if (port < 1 || port > 65_535)
    yield { at: `${at}/tcp`, sentence: `${port} is no port; ports are 1 to 65535` };
}

function* addressFaults(address: string, at: string): Faults {
  const url = URL.canParse(address) ? new URL(address) : null;
  const shown = JSON.stringify(address.slice(0, 128));
  if (!url) yield { at, sentence: `${shown} is no address` };
  else if (url.username !== '' || url.password !== '')
    yield { at, sentence: 'an address here has no user and no password: devices get it as it is' };
}

function* windowsFaults({ timezone, download, apply, blackout, jitter }: Windows): Faults {
  if (timezone !== undefined && !isTimeZone(timezone))
    yield {
      at: '/windows/timezone',
      sentence: `${JSON.stringify(timezone)} is no time zone; write a name of the IANA database, such as "Europe/Berlin" or "UTC"`,
    };
  for (const [key, when] of Object.entries({ download, apply })) {
    if (when === undefined || when === 'always') continue;
    for (const [index, window] of when.entries())
      yield* windowFaults(window, `/windows/${key}/${index}`);
  }
  for (const [index, dates] of (blackout ?? []).entries())
    yield* blackoutFaults(dates, `/windows/blackout/${index}`);
  yield* durationFaults(jitter, '/windows/jitter');
}

function* windowFaults(window: Window, at: string): Faults {
  if ('cron' in window) yield* faultsIn(() => parseCron(window.cron, 'UTC'), `${at}/cron`);
  yield* durationFaults(window.duration, `${at}/duration`);
}

function* blackoutFaults(dates: string, at: string): Faults {
  const [from = '', to = from] = dates.split('/');
  for (const date of new Set([from, to]))
    if (!isDate(date)) yield { at, sentence: `there is no day ${date}` };
  if (from > to) yield { at, sentence: `${from} is after ${to}; write the earlier day first` };
}

function* inhibitFaults({ file, command, holds, deadline, then }: Inhibit, at: string): Faults {
  if (file === undefined && command === undefined && holds === undefined)
    yield { at, sentence: 'an inhibitor names a "file" or a "command", or says "holds: true"' };
  yield* durationFaults(deadline, `${at}/deadline`);
  if (then !== undefined && deadline === undefined)
    yield { at: `${at}/then`, sentence: '"then" is what happens at a "deadline"; give one' };
}

function* downloadFaults({ mirrors, rate }: DownloadPolicy): Faults {
  for (const [index, mirror] of (mirrors ?? []).entries())
    yield* addressFaults(mirror, `/downloads/mirrors/${index}`);
  if (Array.isArray(rate)) yield* spanFaults(rate);
}

/** No span is empty, and no minute of the day has two rates. */
function* spanFaults(spans: readonly RateSpan[]): Faults {
  const taken = new Map<number, RateSpan>();
  for (const [index, span] of spans.entries()) {
    const at = `/downloads/rate/${index}`;
    const [from, to] = [minuteOf(span.from), minuteOf(span.to)];
    if (from === to) yield { at, sentence: `the span from ${span.from} to ${span.to} is empty` };
    for (let minute = from; minute !== to; minute = (minute + 1) % DAY) {
      const other = taken.get(minute);
      taken.set(minute, span);
      if (!other || other === span) continue;
      yield { at, sentence: `it overlaps the span from ${other.from} to ${other.to}` };
      break;
    }
  }
}

const DAY = 24 * 60;

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function* faultsIn(parse: () => unknown, at: string): Faults {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof JamesError)) throw error;
    yield { at, sentence: error.message.replace(/\.$/, '') };
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

/** True if the day of a text `YYYY-MM-DD` exists. */
function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
