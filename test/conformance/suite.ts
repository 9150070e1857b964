/** The result of running other maintainers' (or the design's) cases of one suite. */
export interface SuiteResult {
  suite: string;
  cases: number;
  passed: number;
  failed: number;
  outOfScope: number;
  /** One sentence per failed case. */
  failures: string[];
}

/** Runs each case; a case returns null or says what is wrong. */
export function runCases<Case>(
  suite: string,
  cases: readonly Case[],
  name: (one: Case) => string,
  run: (one: Case) => string | null,
): SuiteResult {
  const failures: string[] = [];
  for (const one of cases) {
    const problem = run(one);
    if (problem) failures.push(`${name(one)}: ${problem}`);
  }
  return {
    suite,
    cases: cases.length,
    passed: cases.length - failures.length,
    failed: failures.length,
    outOfScope: 0,
    failures,
  };
}
