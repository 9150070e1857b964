import { ancestorsOf } from './device-path.ts';
import { isDirectory, type Placed } from './placed.ts';

/** Two claims to one path that cannot both be met. */
export interface PathConflict {
  path: string;
  packets: readonly [string, string];
  /** A sentence that names both. */
  detail: string;
}

/**
 * The conflicts among everything that shall be on the device: a path that two packets own, one that a packet has twice
 * because links lead there, one below something that is no directory. Directories may be shared. At most 20.
 */
export function conflictsOf(placed: readonly Placed[]): PathConflict[] {
  const owners = new Map<string, Placed>();
  const conflicts: PathConflict[] = [];
  for (const item of placed) {
    const other = owners.get(item.path);
    if (!other) owners.set(item.path, item);
    else if (!isDirectory(item) || !isDirectory(other)) conflicts.push(twoOwners(other, item));
  }
  for (const item of placed) {
    for (const ancestor of ancestorsOf(item.path)) {
      const above = owners.get(ancestor);
      if (above && !isDirectory(above)) conflicts.push(belowFile(above, item));
    }
  }
  return conflicts.slice(0, 20);
}

function twoOwners(a: Placed, b: Placed): PathConflict {
  const detail =
    a.packet === b.packet
      ? `The packet ${a.packet} brings ${a.path} twice: as ${a.entry.path} and as ${b.entry.path}.`
      : `The packets ${a.packet} and ${b.packet} both own ${a.path}; only directories can be shared.`;
  return { path: a.path, packets: [a.packet, b.packet], detail };
}

function belowFile(above: Placed, item: Placed): PathConflict {
  return {
    path: above.path,
    packets: [above.packet, item.packet],
    detail: `The packet ${item.packet} brings ${item.path}, but ${above.path} of the packet ${above.packet} is no directory.`,
  };
}
