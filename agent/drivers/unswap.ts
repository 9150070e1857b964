import { onHost, parentOf } from '../core/device-path.ts';
import type { Operation, Touched } from '../core/operation.ts';
import type { FileInfo } from '../system/files.ts';
import { setAttributes } from './attributes.ts';
import { type Device, placesOf, unless } from './device.ts';
import { NOTHING_WAS_HERE } from './swap.ts';
import { syncPlaces } from './sync-places.ts';
import { forEachOf } from './work-pool.ts';

/** So many paths are worked on at the same time. */
const SIDE_BY_SIDE = 16;

/**
 * Takes operations back, the last first. What was done is seen on the disk, so it does not matter how far they had come,
 * nor whether they were taken back before. They must have been allowed to begin: everything was staged.
 */
export async function swapOut(
  device: Device,
  transaction: string,
  operations: readonly Operation[],
): Promise<void> {
  let made: Operation[] = [];
  for (const operation of [...operations].reverse()) {
    if (operation.kind === 'clear') made.push(operation);
    else if (made.length > 0) {
      // What goes back into a directory must not get lost with it.
      await syncPlaces(device, made);
      made = [];
    }
    await unswap(device, transaction, operation);
  }
}

async function unswap(device: Device, transaction: string, operation: Operation): Promise<void> {
  const { files, root } = device;
  const { place, saved } = placesOf(root, transaction, operation);
  switch (operation.kind) {
    case 'put':
      await unput(device, transaction, operation);
      return;
    case 'drop':
      if (await files.lstat(saved)) await files.rename(saved, place);
      return;
    case 'make':
      await unless(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EBUSY'], () =>
        files.removeDirectory(place),
      );
      return;
    case 'clear':
      if (await files.lstat(place)) return;
      await files.makeDirectory(place, 0o700);
      if (operation.attributes) await setAttributes(device, place, operation.attributes);
      return;
  }
}

async function unput(device: Device, transaction: string, operation: Operation): Promise<void> {
  const { files, root } = device;
  const { place, staged, saved } = placesOf(root, transaction, operation);
  const [old, now] = [await files.lstat(saved), await files.lstat(place)];
  const isSwapped = (await files.lstat(staged)) === undefined;
  if (old && (await isMark(device, saved, old))) {
    if (isSwapped && now) await files.unlink(place);
    await files.syncDirectory(parentOf(place));
    await files.unlink(saved);
  } else if (old) {
    if (now && isSame(old, now)) await files.unlink(saved);
    else await files.rename(saved, place);
  } else if (isSwapped && !operation.replaces && now && now.type !== 'directory') {
    await files.unlink(place);
  }
}

const isSame = (a: FileInfo, b: FileInfo): boolean => a.device === b.device && a.inode === b.inode;

async function isMark({ files }: Device, path: string, info: FileInfo): Promise<boolean> {
  return info.type === 'symlink' && (await files.readLink(path)) === NOTHING_WAS_HERE;
}

/** Removes what waits beside the places: new things that never came, and old ones. */
export async function removeTemporary(
  device: Device,
  transaction: string,
  operations: readonly Operation[],
): Promise<void> {
  await forEachOf(operations, SIDE_BY_SIDE, async (operation) => {
    const { staged, saved } = placesOf(device.root, transaction, operation);
    for (const path of [staged, saved]) await unless(['ENOENT'], () => device.files.unlink(path));
  });
}

/** After a commit: removes the old things that nobody needs any more. */
export async function removeSaved(
  device: Device,
  transaction: string,
  operations: readonly Operation[],
): Promise<void> {
  const replacing = operations.filter(({ replaces }) => replaces);
  await forEachOf(replacing, SIDE_BY_SIDE, async (operation) => {
    const { saved } = placesOf(device.root, transaction, operation);
    await unless(['ENOENT'], () => device.files.unlink(saved));
  });
}

/** Directories get back what they had before: ours their owner, bits and time, others the time. */
export async function restoreDirectories(
  device: Device,
  touched: readonly Touched[],
): Promise<void> {
  for (const { path, before, ours } of touched) {
    const place = onHost(device.root, path);
    if ((await device.files.lstat(place))?.type !== 'directory') continue;
    if (ours) await setAttributes(device, place, before);
    else if (before.modifiedMs !== null) await setTime(device, place, before.modifiedMs);
  }
}

/** Only an owner may set a time; the time of somebody else's directory is not worth a failure. */
async function setTime(device: Device, place: string, ms: number): Promise<void> {
  await unless(['EPERM', 'EACCES', 'EROFS'], () => device.files.setModified(place, ms));
}

/** Directories that packets describe get what is described, after all in them has settled. */
export async function settleDirectories(
  device: Device,
  operations: readonly Operation[],
  touched: readonly Touched[],
): Promise<void> {
  const made = operations
    .filter(({ kind }) => kind === 'make')
    .map(({ path, attributes }) => ({ path, after: attributes }));
  for (const { path, after } of [...made, ...touched]) {
    const place = onHost(device.root, path);
    if (after && (await device.files.lstat(place))?.type === 'directory')
      await setAttributes(device, place, after);
  }
}

/** Makes all changed directories durable. */
export async function syncDirectories(
  device: Device,
  operations: readonly Operation[],
  touched: readonly Touched[],
): Promise<void> {
  const made = operations.filter(({ kind }) => kind === 'make').map(({ path }) => path);
  for (const path of new Set([...made, ...touched.map((directory) => directory.path)])) {
    await unless(['ENOENT', 'ENOTDIR'], () =>
      device.files.syncDirectory(onHost(device.root, path)),
    );
  }
}
