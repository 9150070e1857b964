import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageDriver, PackageTarget } from '../../agent/packages/package-driver.ts';
import { createDriver, type Manager } from '../../agent/packages/package-drivers.ts';
import { createClock } from '../../agent/system/clock.ts';
import { type Commands, createCommands } from '../../agent/system/commands.ts';
import type { Files } from '../../agent/system/files.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { currentUser } from '../../agent/system/user.ts';
import type { DesiredSource, PackagePolicy } from '../../proto/desired-source.ts';
import { LOCK_SCHEMA, type LockedPackage } from '../../proto/lock.ts';
import { kindOf } from './package-kinds.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface WantedPackage extends Partial<LockedPackage> {
  name: string;
}

export interface Wish {
  packages?: readonly (WantedPackage | [name: string, version: string])[];
  keep?: readonly string[];
  policy?: Partial<PackagePolicy>;
  managed?: readonly string[];
  secrets?: PackageTarget['secrets'];
  sources?: readonly DesiredSource[];
}

/** A device with an empty root, and a package manager's driver on it. */
export interface PackageDevice {
  driver: PackageDriver;
  root: string;
  state: string;
  /** Everything that was reported. */
  lines: string[];
  target(wish: Wish): PackageTarget;
  /** Writes sources, updates, downloads, installs, removes; gives the differences of the simulation, if there are any. */
  bring(target: PackageTarget): Promise<string[]>;
  versions(): Promise<Record<string, string>>;
}

export interface PackageDeviceOptions {
  lockWaitMs?: number;
  files?: Files;
  commands?: Commands;
}

export function createPackageDevice(
  manager: Manager,
  sources: readonly DesiredSource[],
  options: PackageDeviceOptions = {},
): PackageDevice {
  const base = temporaryDirectory();
  const [root, state] = [join(base, 'root'), join(base, 'state')];
  for (const directory of [root, state]) mkdirSync(directory);
  const clock = createClock();
  const driver = createDriver(manager, {
    files: options.files ?? createNodeFiles(),
    commands: options.commands ?? createCommands({ clock }),
    clock,
    root,
    state,
    user: currentUser(),
    lockWaitMs: options.lockWaitMs ?? 20_000,
  });
  const lines: string[] = [];
  const reporter = {
    log: (said: readonly string[]) => void lines.push(...said),
    progress: () => undefined,
  };
  const signal = new AbortController().signal;
  const kind = kindOf[manager];

  return {
    driver,
    root,
    state,
    lines,
    target: (wish) => ({
      lock: {
        schema: LOCK_SCHEMA,
        type: kind.type,
        packages: (wish.packages ?? []).map((one) => lockedPackage(manager, one)),
        keep: (wish.keep ?? []).map((name) => ({ name, problem: 'unresolvable' })),
      },
      sources: wish.sources ?? sources,
      policy: { version: 'locked', downgrade: false, unmanaged: 'keep', ...wish.policy },
      secrets: wish.secrets ?? new Map(),
      managed: new Set(wish.managed ?? []),
    }),
    async bring(target) {
      await driver.writeSources(target);
      await driver.update(reporter, signal);
      const { differences } = await driver.simulate(target);
      if (differences.length > 0) return differences;
      await driver.download(target, reporter, signal);
      await driver.apply(target, reporter);
      await driver.remove(target, reporter);
      await driver.keepSources();
      return [];
    },
    async versions() {
      const installed = await driver.installed();
      return Object.fromEntries(installed.map(({ name, version }) => [name, version]));
    },
  };
}

export function lockedPackage(
  manager: Manager,
  one: WantedPackage | [name: string, version: string],
): LockedPackage {
  const kind = kindOf[manager];
  const [name, rest]: [string, Partial<LockedPackage>] = Array.isArray(one)
    ? [one[0], { version: kind.version(one[1]) }]
    : [one.name, one];
  return {
    version: null,
    arch: kind.anyArch,
    auto: false,
    verify: true,
    source: 'main',
    size: 0,
    installedSize: 0,
    ...rest,
    name,
  };
}
