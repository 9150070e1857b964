import type { PackageReporter } from '../packages/package-driver.ts';
import type { OnLog } from './run-script.ts';

/** Who is told of what happens on the way. */
export interface Tell {
  onLog: OnLog;
  packages: PackageReporter;
}

/** Nobody. */
export const quiet: Tell = {
  onLog: () => undefined,
  packages: { log: () => undefined, progress: () => undefined },
};
