import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareSegments } from '../../server/resolver/core/rpm/version.ts';
import { runCases, type SuiteResult } from './suite.ts';

/** rpm's own cases: `a b expected`. */
export function rpmVersions(folder: string): SuiteResult {
  const cases = readFileSync(join(folder, 'rpm-versions.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ') as [string, string, string]);
  return runCases(
    'rpm-versions',
    cases,
    ([a, b]) => `${a} ${b}`,
    ([a, b, expected]) => {
      const forward = compareSegments(a, b);
      const backward = compareSegments(b, a);
      if (forward !== Number(expected)) return `is ${forward}, not ${expected}`;
      return forward + backward === 0 ? null : `is ${forward} and backwards ${backward}`;
    },
  );
}
