import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions } from '../../proto/version.ts';
import { runCases, type SuiteResult } from './suite.ts';

/** dpkg's own cases: `a b expected`. */
export function dpkgVersions(folder: string): SuiteResult {
  const cases = readFileSync(join(folder, 'dpkg-versions.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ') as [string, string, string]);
  return runCases(
    'dpkg-versions',
    cases,
    ([a, b]) => `${a} ${b}`,
    ([a, b, expected]) => {
      const forward = compareVersions(a, b);
      const backward = compareVersions(b, a);
      if (forward !== Number(expected)) return `is ${forward}, not ${expected}`;
      return forward + backward === 0 ? null : `is ${forward} and backwards ${backward}`;
    },
  );
}
