import type { PlanProblem } from '../../proto/api.ts';
import type { MergedField } from '../../proto/merged-policy.ts';
import type { SpecEntry } from './model.ts';
import { problem } from './problems.ts';
import { priorityOf, statingSpecs } from './stated.ts';

/** How the specs of a device want its packages to be handled, merged. */
export interface MergedPolicy {
  resolver: boolean;
  version: 'locked' | 'auto';
  /** Null: as each source says. */
  recommended: boolean | null;
  downgrade: boolean;
  unmanaged: 'keep' | 'remove';
}

type Field = keyof MergedPolicy;

/** What holds where no spec says anything, and where specs of equal priority contradict each other: what changes least. */
const careful: MergedPolicy = {
  resolver: true,
  version: 'locked',
  recommended: null,
  downgrade: false,
  unmanaged: 'keep',
};

const fieldNames = Object.keys(careful) as Field[];

/**
 * Of each field, what the spec of the highest priority that states it says. Specs (in order of precedence) of equal
 * priority that say different things are a problem named after the field; it holds nothing up.
 */
export function mergePolicy(applying: readonly SpecEntry[]): {
  policy: MergedPolicy;
  problems: PlanProblem[];
} {
  const fields = packageFields(applying);
  const problems = fields
    .filter(({ conflict }) => conflict)
    .map(({ field }) => problem('conflict', field, describe(field, applying)));
  const said = Object.fromEntries(fields.map(({ field, value }) => [field, value]));
  return { policy: { ...careful, ...said }, problems };
}

/** The fields of which specs (in order of precedence) say something. */
export function packageFields(applying: readonly SpecEntry[]): (MergedField & { field: Field })[] {
  return fieldNames.flatMap((field) => {
    const stating = statingSpecs(applying, field);
    const values = new Set(stating.map((spec) => spec[field]));
    if (values.size === 0) return [];
    const [value] = values.size === 1 ? values : [careful[field]];
    const specs = stating.map(({ id }) => id);
    return { field, value, specs, priority: priorityOf(stating[0]), conflict: values.size > 1 };
  });
}

function describe(name: Field, applying: readonly SpecEntry[]): string {
  const specs = statingSpecs(applying, name);
  const sides = specs.map((spec) => `spec ${spec.id} says ${name}: ${spec[name]}`);
  return `At priority ${priorityOf(specs[0])}, ${sides.join('; ')}. Until one has a higher priority, ${name} is ${careful[name] ?? 'as the sources say'}.`;
}
