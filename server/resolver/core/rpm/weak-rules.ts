import type { Clause } from '../search-model.ts';
import type { RpmModel } from './model.ts';
import { createRuleOrder } from './rule-order.ts';
import type { Solving } from './solve.ts';

/** Of a conflict: the weak clause to give up, with those that go with it; none if nothing in it is weak. */
export function lastWeak({ pool, model }: Solving, conflict: readonly Clause[]): Clause[] {
  const compare = createRuleOrder(pool, model);
  const last = conflict
    .filter((clause) => model.isWeak(clause))
    .sort(compare)
    .at(-1);
  if (last === undefined) return [];
  return model.originOf(last) === null ? [last] : [last, ...alike(model, last)];
}

/** Choices whose need is met by something else as well. */
export function needlessChoices(model: RpmModel, because: ReadonlyMap<number, Clause>): Clause[] {
  const needless = model.weak().filter((clause) => {
    const origin = model.originOf(clause);
    return origin?.literals.some(
      (one) => one > 0 && because.has(one) && !clause.literals.includes(one),
    );
  });
  return needless.flatMap((clause) => [clause, ...alike(model, clause)]);
}

/** Choices whose needs could be met by what a choice forgoes. */
function alike(model: RpmModel, choice: Clause): Clause[] {
  const origin = model.originOf(choice);
  const forgone = new Set(
    origin?.literals.filter((one) => one > 0 && !choice.literals.includes(one)),
  );
  return model
    .weak()
    .filter((clause) => model.originOf(clause)?.literals.some((one) => forgone.has(one)));
}
