import type { PlanProblem } from '../../proto/api.ts';
import type { Spec } from '../../proto/spec.ts';
import type { SpecEntry } from './model.ts';
import { problem } from './problems.ts';

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

/**
 * Of each field, what the spec of the highest priority that states it says. Specs (in order of precedence) of equal
 * priority that say different things are a problem named after the field; it holds nothing up.
 */
export function mergePolicy(applying: readonly SpecEntry[]): {
  policy: MergedPolicy;
  problems: PlanProblem[];
} {
  const problems: PlanProblem[] = [];
  const fieldOf = <Name extends Field>(name: Name): MergedPolicy[Name] => {
    const stated = applying.filter((spec) => spec[name as keyof Spec] !== undefined);
    const top = stated.filter((spec) => (spec.priority ?? 0) === (stated[0]?.priority ?? 0));
    const values = new Set(top.map((spec) => spec[name as keyof Spec]));
    if (values.size > 1) problems.push(problem('conflict', name, describe(name, top)));
    return values.size === 1 ? ([...values][0] as MergedPolicy[Name]) : careful[name];
  };
  const policy: MergedPolicy = {
    resolver: fieldOf('resolver'),
    version: fieldOf('version'),
    recommended: fieldOf('recommended'),
    downgrade: fieldOf('downgrade'),
    unmanaged: fieldOf('unmanaged'),
  };
  return { policy, problems };
}

function describe(name: Field, specs: readonly SpecEntry[]): string {
  const sides = specs.map((spec) => `spec ${spec.id} says ${name}: ${spec[name as keyof Spec]}`);
  return `At priority ${specs[0]?.priority ?? 0}, ${sides.join('; ')}. Until one has a higher priority, ${name} is ${careful[name] ?? 'as the sources say'}.`;
}
