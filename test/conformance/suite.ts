/** The result of running other maintainers' (or the design's) cases of one suite. */
export interface SuiteResult {
  suite: string;
  /** Those that were run: in scope. */
  cases: number;
  passed: number;
  failed: number;
  outOfScope: number;
  /** Why cases are out of scope, with how many there are. */
  reasons: Record<string, number>;
  /** Cases that should have been refused and were not. */
  accepted: number;
  /** One sentence per failed case. */
  failures: string[];
}

/** What became of a case: passed, failed with what is wrong, or not asked, with the reason. */
export type CaseResult =
  | { kind: 'passed' }
  /** `accepted`: it should have been refused and was not. */
  | { kind: 'failed'; problem: string; accepted?: boolean }
  | { kind: 'out-of-scope'; reason: string };

/** Counts results as they come. */
export interface Tally {
  add(name: string, result: CaseResult): void;
  result(): SuiteResult;
}

export function createTally(suite: string): Tally {
  const failures: string[] = [];
  const reasons: Record<string, number> = {};
  let passed = 0;
  let outOfScope = 0;
  let accepted = 0;
  return {
    add(name, result) {
      if (result.kind === 'passed') passed += 1;
      if (result.kind === 'failed') {
        failures.push(`${name}: ${result.problem}`);
        if (result.accepted) accepted += 1;
      }
      if (result.kind !== 'out-of-scope') return;
      outOfScope += 1;
      reasons[result.reason] = (reasons[result.reason] ?? 0) + 1;
    },
    result: () => ({
      suite,
      cases: passed + failures.length,
      passed,
      failed: failures.length,
      outOfScope,
      reasons,
      accepted,
      failures,
    }),
  };
}

/** Runs each case; a case returns null or says what is wrong. */
export function runCases<Case>(
  suite: string,
  cases: readonly Case[],
  name: (one: Case) => string,
  run: (one: Case) => string | null,
): SuiteResult {
  const tally = createTally(suite);
  for (const one of cases) {
    const problem = run(one);
    tally.add(name(one), problem === null ? { kind: 'passed' } : { kind: 'failed', problem });
  }
  return tally.result();
}
