import type { FileInfo, Files } from '../../../agent/system/files.ts';
import type { DiskEvent, Mutation } from './crash-states.ts';
import {
  copyState,
  type DiskState,
  find,
  type Inode,
  newInode,
  systemError,
} from './disk-state.ts';

/** A disk in memory that remembers what was changed and what was synced. */
export interface SimulatedDisk {
  files: Files;
  /** What a program sees now. */
  state: DiskState;
  events: DiskEvent[];
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export function createSimulatedDisk(
  start: DiskState,
  onEvent: (count: number) => void = () => undefined,
): SimulatedDisk {
  const state = copyState(start);
  const events: DiskEvent[] = [];
  let next = Math.max(...state.keys()) + 1;

  const happen = (mutation: Mutation): void => {
    onEvent(events.length + 1);
    mutation.apply(state);
    events.push({ mutation });
  };
  const sync = (key: string): void => {
    onEvent(events.length + 1);
    events.push({ sync: key });
  };
  const at = (path: string, what?: Inode['type']): [number, Inode] => {
    const ino = find(state, path);
    const inode = ino === undefined ? undefined : state.get(ino);
    if (ino === undefined || !inode) throw systemError('ENOENT', path);
    if (what === 'directory' && inode.type !== what) throw systemError('ENOTDIR', path);
    if (what === 'file' && inode.type === 'directory') throw systemError('EISDIR', path);
    return [ino, inode];
  };
  const absent = (path: string): void => {
    if (find(state, path) !== undefined) throw systemError('EEXIST', path);
  };
  /** An inode that nobody can reach yet: it may stand on the disk for good. */
  const allot = (inode: Inode): number => {
    const ino = next;
    next += 1;
    state.set(ino, inode);
    start.set(ino, { ...inode, entries: new Map() });
    return ino;
  };
  const enter = (path: string, ino: number): void => {
    const [parent] = at(parentOf(path), 'directory');
    happen({
      keys: [`entries:${parent}`],
      names: [`${parent}/${nameOf(path)}`],
      apply: (disk) => void disk.get(parent)?.entries.set(nameOf(path), ino),
    });
  };
  const leave = (path: string): void => {
    const [parent, directory] = at(parentOf(path), 'directory');
    const name = nameOf(path);
    const ino = directory.entries.get(name);
    happen({
      keys: [`entries:${parent}`],
      names: [`${parent}/${name}`],
      apply(disk) {
        const entries = disk.get(parent)?.entries;
        if (entries?.get(name) === ino) entries?.delete(name);
      },
    });
  };
  const write = (ino: number, content: Buffer): void => {
    const put = (disk: DiskState, bytes: Buffer): void => {
      const inode = disk.get(ino);
      if (inode) inode.data = Buffer.concat([inode.data, bytes]);
    };
    happen({
      keys: [`data:${ino}`],
      apply: (disk) => put(disk, content),
      torn: (disk) => put(disk, content.subarray(0, Math.floor(content.length / 2))),
    });
  };
  const change = (path: string, attributes: Partial<Inode>): void => {
    const [ino, { type }] = at(path);
    // A link cannot be synced itself: what it is becomes durable with its name.
    const own = type === 'symlink' ? at(parentOf(path))[0] : ino;
    happen({
      keys: [`data:${own}`, `entries:${own}`],
      apply: (disk) => void Object.assign(disk.get(ino) ?? {}, attributes),
    });
  };

  const files: Files = {
    readFile: async (path) => Buffer.from(at(path, 'file')[1].data),
    async *readStream(path) {
      yield Buffer.from(at(path, 'file')[1].data);
    },
    async writeNew(path, content, options) {
      absent(path);
      at(parentOf(path), 'directory');
      const ino = allot(newInode('file', options.mode & 0o777));
      enter(path, ino);
      let bytes = 0;
      for await (const piece of pieces(content)) {
        write(ino, Buffer.from(piece));
        bytes += piece.length;
      }
      if (options.sync) sync(`data:${ino}`);
      return bytes;
    },
    async append(path, content) {
      const ino = await forAppending(path);
      write(ino, Buffer.from(content));
      sync(`data:${ino}`);
    },
    async appendStream(path, content) {
      const ino = await forAppending(path);
      let bytes = 0;
      for await (const piece of content) {
        write(ino, Buffer.from(piece));
        bytes += piece.length;
      }
      return bytes;
    },
    lstat: async (path) => infoOf(state, path),
    readDirectory: async (path) => [...at(path, 'directory')[1].entries.keys()],
    readLink: async (path) => at(path)[1].target,
    async makeDirectory(path, mode) {
      absent(path);
      at(parentOf(path), 'directory');
      enter(path, allot(newInode('directory', mode)));
    },
    async symlink(target, path) {
      absent(path);
      at(parentOf(path), 'directory');
      enter(path, allot({ ...newInode('symlink', 0o777), target }));
    },
    async link(existing, path) {
      absent(path);
      enter(path, at(existing)[0]);
    },
    async rename(from, to) {
      const [ino] = at(from);
      const [source, target] = [at(parentOf(from))[0], at(parentOf(to), 'directory')[0]];
      if (state.get(find(state, to) ?? -1)?.type === 'directory') throw systemError('EISDIR', to);
      happen({
        keys: [`entries:${source}`, `entries:${target}`],
        names: [`${source}/${nameOf(from)}`, `${target}/${nameOf(to)}`],
        apply(disk) {
          const entries = disk.get(source)?.entries;
          if (entries?.get(nameOf(from)) === ino) entries?.delete(nameOf(from));
          disk.get(target)?.entries.set(nameOf(to), ino);
        },
      });
    },
    async unlink(path) {
      at(path, 'file');
      leave(path);
    },
    async removeDirectory(path) {
      if (at(path, 'directory')[1].entries.size > 0) throw systemError('ENOTEMPTY', path);
      leave(path);
    },
    chmod: async (path, mode) => change(path, { mode }),
    chown: async (path, uid, gid) => change(path, { uid, gid }),
    setModified: async (path, ms) => change(path, { modifiedMs: ms }),
    syncDirectory: async (path) => sync(`entries:${at(path, 'directory')[0]}`),
    syncFile: async (path) => sync(`data:${at(path, 'file')[0]}`),
    freeSpace: async () => ({ bytes: 1e12, inodes: 1e9 }),
  };

  async function forAppending(path: string): Promise<number> {
    const found = find(state, path);
    if (found !== undefined) return found;
    const ino = allot(newInode('file', 0o600));
    enter(path, ino);
    return ino;
  }

  return { files, state, events };
}

async function* pieces(
  content: AsyncIterable<Uint8Array> | Uint8Array,
): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}

function infoOf(state: DiskState, path: string): FileInfo | undefined {
  const ino = find(state, path);
  const inode = ino === undefined ? undefined : state.get(ino);
  if (ino === undefined || !inode) return undefined;
  const { type, mode, uid, gid, data, modifiedMs } = inode;
  const links = [...state.values()]
    .flatMap(({ entries }) => [...entries.values()])
    .filter((other) => other === ino).length;
  return { type, mode, uid, gid, size: data.length, modifiedMs, device: 1, inode: ino, links };
}
