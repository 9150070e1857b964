import type { Clock } from '../proto/clock.ts';
import type { Log } from '../proto/log.ts';
import type { Surroundings } from './drivers/device.ts';
import { createTransactions, type DeviceTransactions } from './drivers/transactions.ts';
import { createDeviceGates } from './gates/device-gates.ts';
import { openHolds } from './gates/holds.ts';
import { createExamine } from './health/examine-device.ts';
import { acquireLock } from './lock/state-lock.ts';
import type { ManagerChoice } from './packages/choose-manager.ts';
import { createLazyPackageWork, packageFeatures } from './packages/lazy-package-work.ts';
import type { PackageServer } from './packages/package-server.ts';
import type { OpenDevice } from './run-parts.ts';
import { createLocalServer } from './socket/local-server.ts';
import { ensureDirectory } from './state-file.ts';
import type { Commands } from './system/commands.ts';
import type { Files } from './system/files.ts';
import type { Downloads } from './transaction.ts';

export interface OpenDeviceOptions {
  root: string;
  state: string;
  files: Files;
  commands: Commands;
  clock: Clock;
  log: Log;
  pid: number;
  user: { uid: number; gid: number };
  newId: () => string;
  /** Which package manager may be used. */
  packages: ManagerChoice;
  scriptTimeoutMs?: number;
  surroundings: Omit<Surroundings, 'examine'>;
  /** The agent's environment: where the time zone may stand. */
  env: Readonly<Record<string, string | undefined>>;
}

/** Takes the state directory for a running agent, makes the root if it is absent, and serves the hand tool. Throws `state-locked`. */
export async function openDevice(
  options: OpenDeviceOptions,
  downloads: Downloads,
  server: PackageServer,
  reachable: (signal: AbortSignal) => Promise<boolean>,
): Promise<OpenDevice> {
  const lock = await acquireLock(options);
  await ensureDirectory(options.files, options.root, 0o755);
  const listeners = new Set<() => void>();
  const packages = createLazyPackageWork({ ...options, server });
  const holds = await openHolds(options);
  const { transactions, local } = createTransactions({
    ...options,
    ...{ downloads, packages },
    surroundings: surroundingsOf(options, reachable),
  });
  const onChanged = (): void => {
    for (const listener of listeners) listener();
  };
  const socket = createLocalServer({ ...options, local, holds, onChanged });
  await socket.start().catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  return {
    transactions,
    features: await featuresOf(options),
    onInstalled: (listener) => listeners.add(listener),
    onHolds: holds.onChanged,
    gatesOf: (device) => createDeviceGates({ ...options, holds, device }),
    async close() {
      await socket.stop();
      await lock.release();
    },
  };
}

/** Takes the state directory for the time of `use`, without an agent. Throws `state-locked`. */
export async function withDevice<Result>(
  options: OpenDeviceOptions,
  use: (device: DeviceTransactions) => Promise<Result>,
): Promise<Result> {
  const lock = await acquireLock(options);
  try {
    await ensureDirectory(options.files, options.root, 0o755);
    const surroundings = surroundingsOf(options, () => Promise.resolve(false));
    return await use(
      createTransactions({ ...options, surroundings, downloads: noDownloads, packages: null }),
    );
  } finally {
    await lock.release();
  }
}

/** What a desired document may require of this device. */
async function featuresOf({
  files,
  packages,
  surroundings,
}: OpenDeviceOptions): Promise<ReadonlySet<string>> {
  const drivers = await surroundings.external.names();
  return new Set([
    ...['health/1', 'windows/1', 'inhibit/1'],
    ...(await packageFeatures(files, packages)),
    ...drivers.map((name) => `driver/${name}`),
  ]);
}

const surroundingsOf = (
  { surroundings, commands, clock, log, root }: OpenDeviceOptions,
  reachable: (signal: AbortSignal) => Promise<boolean>,
): Surroundings => ({
  ...surroundings,
  examine: createExamine({ commands, clock, log, root, reachable }),
});

/** By hand nothing is downloaded. */
const noDownloads: Downloads = {
  fetch: () => Promise.reject(new Error('There is no server to download from.')),
  retain: () => Promise.resolve(),
};
