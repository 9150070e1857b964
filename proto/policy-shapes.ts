import type { TSchema } from 'typebox';
import { Rate, RateSpan } from './device-policy.ts';
import { documentFault, isRecord, type Locate, requireShape } from './document-fault.ts';
import { healthChecks } from './health.ts';
import { CronWindow, Inhibit, WeeklyWindow } from './windows.ts';

/**
 * The shape of those parts of a spec's policy that can be written in several forms, each against the form that is meant,
 * so that a fault names the key that is wrong and not all the forms. What is of no known form is left to the schema of the
 * whole. Throws `bad-document` and `unknown-key`.
 */
export function requirePolicyShapes(value: unknown, what: string, locate: Locate): void {
  if (!isRecord(value)) return;
  const require = (schema: TSchema, part: unknown, name: string, at: string): void =>
    requireShape(schema, part, `${what}, ${name}`, locate, at);
  const { health, windows, inhibit, downloads } = value;
  for (const [index, check] of itemsOf(health, 'checks')) {
    const at = `/health/checks/${index}`;
    require(checkSchema(check, at, what, locate), check, 'its health checks', at);
  }
  for (const key of ['download', 'apply'] as const)
    for (const [index, window] of itemsOf(windows, key)) {
      const schema = isRecord(window) && Object.hasOwn(window, 'cron') ? CronWindow : WeeklyWindow;
      require(schema, window, `its windows to ${key}`, `/windows/${key}/${index}`);
    }
  if (Array.isArray(inhibit))
    for (const [index, one] of inhibit.entries())
      require(Inhibit, one, 'its inhibitors', `/inhibit/${index}`);
  else if (inhibit !== undefined) require(Inhibit, inhibit, 'its inhibitor', '/inhibit');
  if (!isRecord(downloads) || downloads.rate === undefined) return;
  const spans = itemsOf(downloads, 'rate');
  if (!Array.isArray(downloads.rate)) require(Rate, downloads.rate, 'its rate', '/downloads/rate');
  for (const [index, span] of spans)
    require(RateSpan, span, 'its rates', `/downloads/rate/${index}`);
}

/** The members of a list in a mapping, with their places; none where there is no such list. */
function itemsOf(parent: unknown, key: string): [number, unknown][] {
  const list = isRecord(parent) ? parent[key] : undefined;
  return Array.isArray(list) ? [...list.entries()] : [];
}

function checkSchema(check: unknown, at: string, what: string, locate: Locate): TSchema {
  const kinds = Object.entries(healthChecks);
  const found = isRecord(check) && kinds.find(([key]) => Object.hasOwn(check, key));
  if (found) return found[1];
  const names = kinds.map(([key]) => key).join(', ');
  const sentence = `${what}, its health checks: a check is a mapping with one of ${names}`;
  throw documentFault('bad-document', sentence, at, locate);
}
