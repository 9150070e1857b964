/** A file system as a value: inodes by number. Number 1 is the top directory. */
export type DiskState = Map<number, Inode>;

export interface Inode {
  type: 'file' | 'directory' | 'symlink';
  mode: number;
  uid: number;
  gid: number;
  modifiedMs: number;
  /** Of a file. */
  data: Buffer;
  /** Of a directory: inodes by name. */
  entries: Map<string, number>;
  /** Of a symlink. */
  target: string;
}

export const TOP = 1;

export const newInode = (type: Inode['type'], mode: number): Inode => ({
  ...{ type, mode, uid: 0, gid: 0, modifiedMs: 0 },
  ...{ data: Buffer.alloc(0), entries: new Map(), target: '' },
});

export const emptyDisk = (): DiskState => new Map([[TOP, newInode('directory', 0o755)]]);

export function copyState(state: DiskState): DiskState {
  return new Map(
    [...state].map(([ino, inode]) => [ino, { ...inode, entries: new Map(inode.entries) }]),
  );
}

/** A file system's error, as Node throws it. */
export const systemError = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'simulated', path });

/** The inode at a path; links on the way are not followed, as the agent's port asks. */
export function find(state: DiskState, path: string): number | undefined {
  let at = TOP;
  for (const name of path.split('/').filter(Boolean)) {
    const inode = state.get(at);
    if (inode?.type !== 'directory') return undefined;
    const next = inode.entries.get(name);
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}

export interface Listed {
  type: Inode['type'];
  mode: number;
  owner: string;
  content: string;
  /** Null for a directory: its time is nobody's promise. */
  modifiedMs: number | null;
}

/** Everything below a directory, by path. */
export function listBelow(state: DiskState, top: string): Record<string, Listed> {
  const listed: Record<string, Listed> = {};
  const visit = (ino: number, path: string): void => {
    const inode = state.get(ino);
    if (!inode) return;
    const { type, mode, uid, gid, data, target, modifiedMs } = inode;
    listed[path] = {
      ...{ type, mode, owner: `${uid}:${gid}` },
      content: type === 'file' ? data.toString('latin1') : target,
      modifiedMs: type === 'directory' ? null : modifiedMs,
    };
    for (const [name, child] of [...inode.entries].sort(([a], [b]) => (a < b ? -1 : 1)))
      visit(child, `${path}/${name}`);
  };
  const ino = find(state, top);
  if (ino !== undefined) visit(ino, '');
  return listed;
}
