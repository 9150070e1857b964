import { conformanceFolder, suites } from './suites.ts';

/** Prints one JSON line per suite; exit status 1 if a case failed. */
const folder = conformanceFolder();
for (const run of Object.values(suites)) {
  const { failures, ...result } = run(folder);
  console.log(JSON.stringify(result));
  for (const failure of failures) console.error(`${result.suite}: ${failure}`);
  if (result.failed > 0) process.exitCode = 1;
}
