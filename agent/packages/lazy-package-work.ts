import { PACKAGES_FEATURE } from '../../proto/desired.ts';
import type { Files } from '../system/files.ts';
import type { ManagerChoice } from './choose-manager.ts';
import type { PackageDriversOptions } from './package-drivers.ts';
import type { PackageServer } from './package-server.ts';
import type { PackageWork } from './package-work.ts';

export interface LazyPackageOptions extends PackageDriversOptions {
  packages: ManagerChoice;
  server: PackageServer;
}

/** Programs without which a package manager is not there. */
const PROGRAMS: Readonly<Record<Exclude<ManagerChoice, 'auto' | 'off'>, readonly string[][]>> = {
  apt: [['/usr/bin/apt-get', '/usr/bin/dpkg']],
  dnf: [
    ['/usr/bin/dnf', '/usr/bin/rpm'],
    ['/usr/bin/yum', '/usr/bin/rpm'],
  ],
  zypper: [['/usr/bin/zypper', '/usr/bin/rpm']],
};

/** What a desired document may require of a device with these programs. */
export async function packageFeatures(
  files: Files,
  choice: ManagerChoice,
): Promise<ReadonlySet<string>> {
  for (const [manager, alternatives] of Object.entries(PROGRAMS)) {
    if (choice !== 'auto' && choice !== manager) continue;
    for (const programs of alternatives) {
      const there = await Promise.all(programs.map((path) => files.lstat(path)));
      if (there.every((info) => info !== undefined)) return new Set([PACKAGES_FEATURE]);
    }
  }
  return new Set();
}

/** The work with packages, loaded when it is first needed: most devices have none, and the agent stays small. */
export function createLazyPackageWork(options: LazyPackageOptions): PackageWork {
  const { files, state } = options;
  const has = async (name: string): Promise<boolean> =>
    (await files.lstat(`${state}/packages/${name}`)) !== undefined;
  let work: Promise<PackageWork> | null = null;
  const load = (): Promise<PackageWork> => {
    work ??= loadWork(options);
    return work;
  };
  return {
    concerns: async ({ lock, sources }) =>
      lock !== null || sources.length > 0 || (await has('installed.json')),
    plan: async (...ask) => (await load()).plan(...ask),
    reopen: async (...ask) => (await load()).reopen(...ask),
    look: async () => ((await has('installed.json')) ? (await load()).look() : false),
    reported: async () => ((await has('installed.json')) ? (await load()).reported() : null),
  };
}

async function loadWork(options: LazyPackageOptions): Promise<PackageWork> {
  const [{ createPackageManagers }, { createPackageWork }] = await Promise.all([
    import('./choose-manager.ts'),
    import('./package-work.ts'),
  ]);
  const managers = createPackageManagers(options.packages, options);
  return createPackageWork({ ...options, managers });
}
