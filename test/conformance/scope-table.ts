import type { SuiteResult } from './suite.ts';

/** A Markdown table of what is out of scope: suite, cases, reason. */
export function scopeTable(results: readonly SuiteResult[]): string {
  const rows = results.flatMap(({ suite, reasons }) =>
    Object.entries(reasons)
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) => `| ${suite} | ${count} | ${reason} |`),
  );
  return ['| suite | cases out of scope | why |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The page for readers. */
export function scopePage(results: readonly SuiteResult[]): string {
  const counts = results.map(
    ({ suite, cases, passed, failed, outOfScope }) =>
      `| ${suite} | ${cases} | ${passed} | ${failed} | ${outOfScope} |`,
  );
  return [
    '# Conformance',
    '',
    'Cases that the maintainers of other package managers wrote are run against the resolver and the orders of versions.',
    'They are read from the folder that `JAMESD_CONFORMANCE` names (`../shared/conformance` if not set) and are no part of',
    'the project. `npm run conformance` prints a JSON line per suite; `npm run conformance -- --write` also writes this page.',
    '',
    '| suite | cases | passed | failed | out of scope |',
    '| --- | --- | --- | --- | --- |',
    ...counts,
    '',
    '## What is out of scope, and why',
    '',
    scopeTable(results),
    '',
    '## Beside recorded cases',
    '',
    "`npm test` asks the machine's own apt, dose-debcheck, dnf and libsolv the same questions as the resolver, in samples that",
    '`JAMESD_SEED` picks; `npm run test:full` takes all of them, the whole index for dose-debcheck included. Only the full run',
    'compares with apt 3: it fetches the packages of apt 3 from where the machine takes its own, and leaves that out, saying so,',
    'where they cannot be had; with `CI=true` that is an error.',
    '',
  ].join('\n');
}
