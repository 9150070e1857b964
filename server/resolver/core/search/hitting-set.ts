/** Steps after which the exact search stops. */
const STEPS = 20_000;

/**
 * A smallest set of numbers that has one of each list; of several, the one with the highest numbers. Null if that takes
 * too many steps to find out.
 */
export function smallestHittingSet(lists: readonly (readonly number[])[]): number[] | null {
  const budget = { steps: STEPS };
  for (let size = 0; size <= lists.length; size += 1) {
    const found = hit(lists, size, budget);
    if (budget.steps <= 0) return null;
    if (found !== null) return found.sort((a, b) => a - b);
  }
  return null;
}

function hit(
  lists: readonly (readonly number[])[],
  size: number,
  budget: { steps: number },
): number[] | null {
  budget.steps -= 1;
  const [list] = lists;
  if (list === undefined) return [];
  if (size === 0 || budget.steps <= 0) return null;
  for (const chosen of [...list].sort((a, b) => b - a)) {
    const rest = hit(
      lists.filter((other) => !other.includes(chosen)),
      size - 1,
      budget,
    );
    if (rest !== null) return [chosen, ...rest];
  }
  return null;
}
