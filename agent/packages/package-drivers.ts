import type { Clock } from '../../proto/clock.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import { createAptTool } from './apt/apt-tool.ts';
import { createPackageDriver } from './create-driver.ts';
import { createDnfTool } from './dnf/dnf-tool.ts';
import type { PackageDriver } from './package-driver.ts';
import { createSourceStore } from './source-store.ts';
import { createZypperTool } from './zypper/zypper-tool.ts';

export interface PackageDriversOptions {
  files: Files;
  commands: Commands;
  clock: Clock;
  /** The host's path of the root. */
  root: string;
  /** The agent's state directory. */
  state: string;
  user: { uid: number };
  /** How long to wait for a package manager that another program uses; five minutes if not given. */
  lockWaitMs?: number;
}

/** The words of `--packages` that name a package manager. */
export const managers = ['apt', 'dnf', 'zypper'] as const;
export type Manager = (typeof managers)[number];

const LOCK_WAIT_MS = 300_000;

/** The driver of a package manager, whether or not that is there. Nothing is started. */
export function createDriver(manager: Manager, options: PackageDriversOptions): PackageDriver {
  const { files, root } = options;
  const host = { ...options, lockWaitMs: options.lockWaitMs ?? LOCK_WAIT_MS };
  const tools = {
    apt: () => createAptTool({ ...host, asRoot: options.user.uid === 0 }),
    dnf: () => createDnfTool(host),
    zypper: () => createZypperTool(host),
  };
  const state = `${options.state}/packages`;
  const sources = createSourceStore({ files, root, state });
  return createPackageDriver({ tool: tools[manager](), sources, files, root });
}
