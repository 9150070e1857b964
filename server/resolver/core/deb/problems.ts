import type { ResolveProblem } from '../resolution.ts';
import { withRoots } from '../search/cached-model.ts';
import { minimalCore } from '../search/minimal-core.ts';
import { search } from '../search/search.ts';
import type { Clause } from '../search-model.ts';
import { hintFor, missingSentence, sentenceOf } from './explain.ts';
import type { DebModel } from './model.ts';
import type { Session } from './session.ts';

const BUDGET = 5_000;

/** Wants that mean no package, and locks whose version is gone. */
export function problemsOfMissing(session: Session): ResolveProblem[] {
  const { view } = session.pool;
  const missing = session.wanted.flatMap((one) =>
    one.kind === 'missing'
      ? [
          {
            name: one.want.name,
            sentences: [missingSentence(session, one.want, one.why)],
            hint: hintFor(view, [one.want.name]),
          },
        ]
      : [],
  );
  const locks = [...session.missingLocks].map(([key, version]) =>
    lockProblem(session, key, version),
  );
  return [...missing, ...locks];
}

function lockProblem({ pool }: Session, key: string, version: string): ResolveProblem {
  const [name = ''] = key.split(':');
  const offered = pool
    .group(name)
    .flatMap((pkg) => pool.versions(pkg))
    .map((id) => pool.view.version(id));
  const list = offered.length === 0 ? 'nothing' : [...new Set(offered)].slice(0, 8).join(', ');
  return {
    name,
    sentences: [`${key} is locked to version ${version}; the sources offer ${list}.`],
    hint: hintFor(pool.view, [name]),
  };
}

/** For each want or removal that was left out, a smallest set of facts that say why. */
export function problemsOfWants(
  session: Session,
  model: DebModel,
  leftOut: readonly number[],
): ResolveProblem[] {
  return leftOut.map((index) => {
    const name = nameOf(session, index);
    const core = coreOf(model, index, leftOut);
    const facts = core.map((clause) => model.factOf(clause));
    const sentences = [...new Set(facts.map((fact) => sentenceOf(session, fact)))];
    const unserved = facts.flatMap((fact) =>
      fact.kind === 'needs' && fact.solutions.length === 0
        ? fact.group.alternatives.map((one) => one.name)
        : [],
    );
    return {
      name,
      sentences: sentences.length > 0 ? sentences : [`No set of packages with ${name} was found.`],
      hint: hintFor(session.pool.view, unserved),
    };
  });
}

/** Of a want, or of a removal by its place after all wants. */
function nameOf({ pool, request, removals }: Session, index: number): string {
  const removal = removals[index - request.wants.length];
  return request.wants[index]?.name ?? (removal === undefined ? '' : pool.name(removal));
}

/** Why a want cannot be met: by itself, or else together with the wants that stay. */
function coreOf(model: DebModel, index: number, leftOut: readonly number[]): Clause[] {
  const own = model.wants.get(index) ?? [];
  const others = [...model.wants].flatMap(([one, clauses]) =>
    leftOut.includes(one) ? [] : clauses,
  );
  for (const roots of [own, [...model.base, ...own], [...model.base, ...own, ...others]]) {
    const options = { discipline: 'unit-first' as const, budget: BUDGET, soft: false };
    const result = search(withRoots(model, roots), options);
    if (result.kind === 'unsolvable') return minimalCore(result.clauses, BUDGET);
  }
  return [];
}
