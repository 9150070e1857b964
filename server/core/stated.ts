import type { Spec } from '../../proto/spec.ts';
import type { SpecEntry } from './model.ts';

/** A spec that says something of a field. */
export type Stating<Name extends keyof Spec> = SpecEntry & {
  [Key in Name]-?: NonNullable<Spec[Key]>;
};

/** Of specs in order of precedence, those of the highest priority that say something of a field. */
export function statingSpecs<Name extends keyof Spec>(
  applying: readonly SpecEntry[],
  name: Name,
): Stating<Name>[] {
  const stated = applying.filter((spec): spec is Stating<Name> => spec[name] !== undefined);
  return stated.filter((spec) => priorityOf(spec) === priorityOf(stated[0]));
}

export function priorityOf(spec: SpecEntry | undefined): number {
  return spec?.priority ?? 0;
}
