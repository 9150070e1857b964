import type { PlanProblem } from '../../proto/api.ts';
import { canonicalJson } from '../../proto/canonical-json.ts';
import {
  bytesPerSecond,
  type DevicePolicy,
  type DownloadPolicy,
  type PolicyField,
  policyFields,
} from '../../proto/device-policy.ts';
import { parseDuration } from '../../proto/duration.ts';
import { HEALTH_DEFAULTS, type Health } from '../../proto/health.ts';
import type { MergedField } from '../../proto/merged-policy.ts';
import type { Inhibit, Windows } from '../../proto/windows.ts';
import type { SpecEntry } from './model.ts';
import { problem } from './problems.ts';
import { priorityOf, statingSpecs } from './stated.ts';

/** How devices go about what they have to do, besides their packages. */
export interface PolicyPlan {
  policy: Omit<DevicePolicy, 'packages'>;
  /** The fields of which specs say something, in the order of `policyFields`. */
  fields: readonly MergedField[];
  /** Fields in which specs of equal priority contradict each other; they hold nothing up. */
  problems: readonly PlanProblem[];
}

const nothing: PolicyPlan = { policy: {}, fields: [], problems: [] };

type Policy = PolicyPlan['policy'];
/** What specs of one priority say together; undefined if they contradict each other. */
type Merge<Name extends PolicyField> = (
  all: readonly NonNullable<SpecEntry[Name]>[],
) => Policy[Name] | null | undefined;

/** How each field is merged; null: nothing remains to be said. */
const merges: { [Name in PolicyField]: Merge<Name> } = {
  health: mergedHealth,
  windows: mergedWindows,
  inhibit: mergedInhibit,
  downloads: (all) => {
    const same = agreed(all);
    return same && Object.keys(same).length === 0 ? null : same;
  },
  irreversible: agreed,
  drift: agreed,
  reboot: agreed,
};

/** What holds while specs contradict each other: what does least, and least at once. */
const careful: { [Name in PolicyField]: Merge<Name> } = {
  health: () => null,
  windows: () => null,
  inhibit: () => null,
  downloads: carefulDownloads,
  irreversible: () => 'refuse',
  drift: () => 'report',
  reboot: () => 'never',
};

/**
 * Of each field, what the spec of the highest priority says. At equal priority all windows must be open, inhibitors and
 * health checks add up, and other differences are a problem named after the field. Specs stand in order of precedence.
 */
export function planPolicy(applying: readonly SpecEntry[]): PolicyPlan {
  if (!applying.some((spec) => policyFields.some((name) => spec[name] !== undefined)))
    return nothing;
  const found = policyFields.flatMap((name) => mergedField(name, applying) ?? []);
  const said = found.filter(({ value }) => value !== null);
  return {
    policy: Object.fromEntries(said.map(({ field, value }) => [field, value])),
    fields: found,
    problems: found.filter(({ conflict }) => conflict).map(describeConflict),
  };
}

function mergedField<Name extends PolicyField>(
  name: Name,
  applying: readonly SpecEntry[],
): MergedField | null {
  const stating = statingSpecs(applying, name);
  if (stating.length === 0) return null;
  const values = stating.map((spec) => spec[name]);
  const merged = merges[name](values);
  return {
    field: name,
    value: (merged === undefined ? careful[name](values) : merged) ?? null,
    specs: stating.map(({ id }) => id),
    priority: priorityOf(stating[0]),
    conflict: merged === undefined,
  };
}

function describeConflict({ field, specs, priority, value }: MergedField): PlanProblem {
  const until = value === null ? 'none of them holds' : `it is ${canonicalJson(value)}`;
  const detail = `At priority ${priority}, the specs ${specs.join(', ')} say different things of "${field}". Until they agree or one has a higher priority, ${until}.`;
  return problem('conflict', field, detail);
}

/** What all say alike; undefined if they do not. */
function agreed<Value>(all: readonly Value[]): Value | undefined {
  const [first] = unique(all);
  return unique(all).length === 1 ? first : undefined;
}

/** Every check once, with the longest of the times that each spec gives its own. */
function mergedHealth(all: readonly Health[]): Policy['health'] | null {
  const checks = unique(all.flatMap((health) => health.checks));
  if (checks.length === 0) return null;
  const longest = (name: 'timeout' | 'interval'): { [Key in typeof name]?: string } => {
    if (all.every((health) => health[name] === undefined)) return {};
    const texts = all.map((health) => health[name] ?? HEALTH_DEFAULTS[name]);
    return { [name]: texts.reduce((a, b) => (parseDuration(b) > parseDuration(a) ? b : a)) };
  };
  const retries = all.map((health) => health.retries ?? HEALTH_DEFAULTS.retries);
  return {
    checks,
    ...longest('timeout'),
    ...(all.some((health) => health.retries !== undefined) && { retries: Math.max(...retries) }),
    ...longest('interval'),
  };
}

/** All of them that limit anything: a device acts while each is open. */
function mergedWindows(all: readonly Windows[]): Windows[] | null {
  const limiting = unique(all.filter(isLimiting));
  return limiting.length === 0 ? null : limiting;
}

function isLimiting({ download, apply, blackout = [] }: Windows): boolean {
  return Array.isArray(download) || Array.isArray(apply) || blackout.length > 0;
}

function mergedInhibit(all: readonly (Inhibit | Inhibit[])[]): Inhibit[] | null {
  const inhibitors = unique(all.flat().map(withEnd));
  return inhibitors.length === 0 ? null : inhibitors;
}

function withEnd(inhibit: Inhibit): Inhibit {
  if (inhibit.deadline === undefined || inhibit.then !== undefined) return inhibit;
  // biome-ignore lint/suspicious/noThenProperty: the word is a field of the document.
  return { ...inhibit, then: 'give-up' };
}

/** The lowest rate and the smallest budget that any names, and no mirror. */
function carefulDownloads(all: readonly DownloadPolicy[]): DownloadPolicy | null {
  const rates = all.flatMap(({ rate = [] }) =>
    typeof rate === 'string' ? rate : rate.map((span) => span.rate),
  );
  const [lowest] = rates.sort((a, b) => bytesPerSecond(a) - bytesPerSecond(b));
  const budgets = all.flatMap(({ budget = [] }) => budget);
  const merged = {
    ...(lowest !== undefined && { rate: lowest }),
    ...(budgets.length > 0 && { budget: Math.min(...budgets) }),
  };
  return Object.keys(merged).length === 0 ? null : merged;
}

/** Each value once, the first of equal ones. */
function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}
