import { onHost, parentOf } from '../core/device-path.ts';
import type { Operation } from '../core/operation.ts';
import { type Device, unless } from './device.ts';

/** Makes durable what operations changed in the directories of their places. */
export async function syncPlaces(device: Device, operations: readonly Operation[]): Promise<void> {
  const directories = operations.flatMap(({ path, stage }) => [parentOf(path), stage]);
  for (const path of new Set(directories)) {
    await unless(['ENOENT', 'ENOTDIR'], () =>
      device.files.syncDirectory(onHost(device.root, path)),
    );
  }
}
