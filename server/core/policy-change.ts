import { canonicalJson } from '../../proto/canonical-json.ts';
import type { PackagePolicy } from '../../proto/desired-source.ts';
import { type DevicePolicy, policyFields } from '../../proto/device-policy.ts';
import type { PolicyChange } from '../../proto/merged-policy.ts';

const packageFields = [
  'version',
  'downgrade',
  'unmanaged',
] as const satisfies readonly (keyof PackagePolicy)[];

/** The fields in which two policies differ. What is said of packages counts only where both say something of them. */
export function comparePolicies(before: DevicePolicy, after: DevicePolicy): PolicyChange[] {
  const own = policyFields.map((field) => change(field, before[field], after[field]));
  const { packages: old } = before;
  const { packages: next } = after;
  const both =
    old && next ? packageFields.map((field) => change(field, old[field], next[field])) : [];
  return [...own, ...both].filter(({ from, to }) => canonicalJson(from) !== canonicalJson(to));
}

function change(field: string, from: unknown, to: unknown): PolicyChange {
  return { field, from: from ?? null, to: to ?? null };
}
