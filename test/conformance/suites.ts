import { dpkgVersions } from './dpkg-versions.ts';
import { matching } from './matching.ts';
import { rpmVersions } from './rpm-versions.ts';
import type { SuiteResult } from './suite.ts';

/** Every suite, given the folder that holds the cases. */
export const suites: Record<string, (folder: string) => SuiteResult> = {
  matching,
  'dpkg-versions': dpkgVersions,
  'rpm-versions': rpmVersions,
};

/** The folder of the cases: `JAMESD_CONFORMANCE`, or beside the project. */
export function conformanceFolder(): string {
  return process.env.JAMESD_CONFORMANCE ?? '../shared/conformance';
}
