import { onHost } from '../core/device-path.ts';
import type { InstalledIndex } from '../core/installed-index.ts';
import type { PlannedChange } from './change.ts';
import type { Device } from './device.ts';

/** What will be installed once the change is committed; looks which directories there are now. */
export async function nextIndex(device: Device, change: PlannedChange): Promise<InstalledIndex> {
  const { index, tree, nextPackets, nextPoint } = change;
  const keeps = tree.operations.flatMap((operation) => (operation.keeps ? [operation.keeps] : []));
  const replaced = new Set(keeps.map(({ path }) => path));
  const made = tree.operations.filter(({ kind }) => kind === 'make').map(({ path }) => path);
  const directories: string[] = [];
  for (const path of new Set([...index.directories, ...made])) {
    const info = await device.files.lstat(onHost(device.root, path));
    if (info?.type === 'directory') directories.push(path);
  }
  return {
    schema: index.schema,
    root: device.root,
    point: nextPoint,
    packets: [...nextPackets],
    kept: [
      ...index.kept.filter(({ path }) => !tree.restored.has(path) && !replaced.has(path)),
      ...keeps,
    ],
    directories: directories.sort(),
    beside: tree.beside,
  };
}
