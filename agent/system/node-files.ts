import { constants, createReadStream } from 'node:fs';
import {
  chmod,
  type FileHandle,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rmdir,
  statfs,
  symlink,
  unlink,
} from 'node:fs/promises';
import type { FileInfo, Files } from './files.ts';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/** The port `Files` on the machine's own file systems. */
export function createNodeFiles(): Files {
  return {
    readFile: (path) => readFile(path),
    readStream: (path) => createReadStream(path, { highWaterMark: 256 * 1024 }),
    writeNew,
    async append(path, content) {
      await withFile(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600, async (file) => {
        await file.writeFile(content);
        await file.sync();
      });
    },
    appendStream,
    lstat: infoOf,
    readDirectory: (path) => readdir(path),
    readLink: (path) => readlink(path),
    async makeDirectory(path, mode) {
      await mkdir(path, { mode: mode & 0o777 });
      await chmod(path, mode);
    },
    symlink: (target, path) => symlink(target, path),
    link,
    rename,
    unlink,
    removeDirectory: (path) => rmdir(path),
    chmod,
    chown: lchown,
    setModified: (path, ms) => lutimes(path, ms / 1000, ms / 1000),
    syncDirectory: (path) =>
      withFile(path, O_RDONLY | O_DIRECTORY, 0, async (file) => {
        await file.sync().catch(ignoreUnsupported);
      }),
    syncFile: (path) => withFile(path, O_RDONLY | O_NOFOLLOW, 0, (file) => file.sync()),
    async freeSpace(path) {
      const { bavail, bsize, ffree, files } = await statfs(path);
      return { bytes: bavail * bsize, inodes: files === 0 ? Number.POSITIVE_INFINITY : ffree };
    },
  };
}

async function writeNew(
  path: string,
  content: AsyncIterable<Uint8Array> | Uint8Array,
  options: { mode: number; sync: boolean },
): Promise<number> {
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  return await withFile(path, flags, options.mode & 0o777, async (file) => {
    const bytes = await writeAll(file, content);
    if (options.sync) await file.sync();
    return bytes;
  });
}

async function appendStream(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW;
  return await withFile(path, flags, 0o600, (file) => writeAll(file, content));
}

async function writeAll(
  file: FileHandle,
  content: AsyncIterable<Uint8Array> | Uint8Array,
): Promise<number> {
  if (content instanceof Uint8Array) {
    await file.writeFile(content);
    return content.length;
  }
  let bytes = 0;
  for await (const chunk of content) {
    await file.writeFile(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

async function withFile<Result>(
  path: string,
  flags: number,
  mode: number,
  use: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, flags, mode);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Some file systems cannot sync a directory; they keep its entries in order by themselves. */
function ignoreUnsupported(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EINVAL' && error.code !== 'ENOTSUP') throw error;
}

async function infoOf(path: string): Promise<FileInfo | undefined> {
  const info = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!info) return undefined;
  return {
    type: info.isFile()
      ? 'file'
      : info.isDirectory()
        ? 'directory'
        : info.isSymbolicLink()
          ? 'symlink'
          : 'other',
    mode: info.mode & 0o7777,
    uid: info.uid,
    gid: info.gid,
    size: info.size,
    modifiedMs: info.mtimeMs,
    device: info.dev,
    inode: info.ino,
    links: info.nlink,
  };
}
