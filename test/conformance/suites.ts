import { apt } from './apt.ts';
import { dpkgVersions } from './dpkg-versions.ts';
import { libsolv } from './libsolv.ts';
import { matching } from './matching.ts';
import { rpmVersions } from './rpm-versions.ts';
import type { SuiteResult } from './suite.ts';

/** Every suite, given the folder that holds the cases. */
export const suites: Record<string, (folder: string) => SuiteResult> = {
  matching,
  apt,
  'dpkg-versions': dpkgVersions,
  'rpm-versions': rpmVersions,
  libsolv,
};

/** The share of cases in scope that has to pass; all of them where nothing is said. */
export const bars: Readonly<Record<string, number>> = { apt: 0.9, libsolv: 0.9 };

/** The folder of the cases: `JAMESD_CONFORMANCE`, or beside the project. */
export function conformanceFolder(): string {
  return process.env.JAMESD_CONFORMANCE ?? '../shared/conformance';
}
