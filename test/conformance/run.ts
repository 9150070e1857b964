import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { scopePage, scopeTable } from './scope-table.ts';
import type { SuiteResult } from './suite.ts';
import { conformanceFolder, suites } from './suites.ts';

/**
 * Prints one JSON line per suite on stdout; failures and what is out of scope, with the reasons, on stderr. Exit status 1
 * if a case failed. With `--write`, `docs/conformance.md` says the same for readers.
 */
const folder = conformanceFolder();
const results: SuiteResult[] = [];
for (const run of Object.values(suites)) {
  const result = run(folder);
  results.push(result);
  const { failures, reasons: _, accepted: __, ...counts } = result;
  console.log(JSON.stringify(counts));
  for (const failure of failures) console.error(`${result.suite}: ${failure}`);
  if (result.failed > 0) process.exitCode = 1;
}
console.error(scopeTable(results));
if (process.argv.includes('--write'))
  writeFileSync(resolve(import.meta.dirname, '../../docs/conformance.md'), scopePage(results));
