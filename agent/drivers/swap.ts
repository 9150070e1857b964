import { JamesError } from '../../proto/errors.ts';
import { ancestorsOf, onHost } from '../core/device-path.ts';
import type { Operation } from '../core/operation.ts';
import { setAttributes } from './attributes.ts';
import { type Device, placesOf, unless } from './device.ts';
import { syncPlaces } from './sync-places.ts';

/** The text of a link that stands for "nothing was here", where something had been expected. */
export const NOTHING_WAS_HERE = 'jamesc:nothing';

/**
 * Does the operations of one step, in order. What they replace waits beside until the commit: its second name is durable
 * before the first name is given away, in whatever order the disk does what is not synced.
 */
export async function swapIn(
  device: Device,
  transaction: string,
  operations: readonly Operation[],
): Promise<void> {
  const real = new Set<string>(['/']);
  await saveAll(device, transaction, operations, real);
  let moved: Operation[] = [];
  for (const operation of operations) {
    await requireRealParents(device, operation.path, real);
    if (operation.kind === 'drop') moved.push(operation);
    if (operation.kind === 'clear' && moved.length > 0) {
      // A directory goes for good only after what was in it is safe elsewhere.
      await syncPlaces(device, moved);
      moved = [];
    }
    await swap(device, transaction, operation);
    if (operation.kind === 'clear' || operation.kind === 'drop') real.delete(operation.path);
  }
}

async function saveAll(
  device: Device,
  transaction: string,
  operations: readonly Operation[],
  real: Set<string>,
): Promise<void> {
  const replacing = operations.filter(({ kind, replaces }) => kind === 'put' && replaces);
  for (const operation of replacing) {
    await requireRealParents(device, operation.path, real);
    const { place, saved } = placesOf(device.root, transaction, operation);
    await save(device, place, saved);
  }
  for (const stage of new Set(replacing.map((operation) => operation.stage)))
    await device.files.syncDirectory(onHost(device.root, stage));
}

/** A script may have put a link where there was a directory; nothing is written through it. */
async function requireRealParents(
  { files, root }: Device,
  path: string,
  real: Set<string>,
): Promise<void> {
  for (const above of ancestorsOf(path).reverse()) {
    if (real.has(above)) continue;
    const info = await files.lstat(onHost(root, above));
    if (info && info.type !== 'directory')
      throw new JamesError(
        'unsafe-path',
        `${above} is no directory any more, so ${path} cannot be reached; something changed it meanwhile.`,
      );
    if (info) real.add(above);
  }
}

async function swap(device: Device, transaction: string, operation: Operation): Promise<void> {
  const { files, root } = device;
  const { place, staged, saved } = placesOf(root, transaction, operation);
  switch (operation.kind) {
    case 'put':
      await files.rename(staged, place);
      return;
    case 'drop':
      await unless(['ENOENT'], () => files.rename(place, saved));
      return;
    case 'make':
      await make(device, place, operation);
      return;
    case 'clear': {
      const gone = await unless(
        operation.must ? [] : ['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EBUSY'],
        () => files.removeDirectory(place),
      );
      if (!gone)
        device.log.debug({ path: operation.path }, 'The directory is not empty and stays.');
      return;
    }
  }
}

/**
 * A second name for what is in the place, so that the new can replace it in one step. Where a second name cannot be had
 * the old is moved away. If it vanished meanwhile, that is marked.
 */
async function save({ files }: Device, place: string, saved: string): Promise<void> {
  try {
    await files.link(place, saved);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') await files.symlink(NOTHING_WAS_HERE, saved);
    else if (['EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code ?? ''))
      await files.rename(place, saved);
    else throw error;
  }
}

async function make(device: Device, place: string, operation: Operation): Promise<void> {
  const made = await unless(['EEXIST'], () => device.files.makeDirectory(place, 0o755));
  if (!made && (await device.files.lstat(place))?.type !== 'directory')
    throw new JamesError('path-conflict', `${operation.path} was made by someone else meanwhile.`);
  if (operation.attributes)
    await setAttributes(device, place, { ...operation.attributes, modifiedMs: null });
}
