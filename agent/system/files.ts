/**
 * The one port for file operations of the agent. Every read and write below the device's root and in the state directory
 * goes through it, so that faults can be put in and crashes be replayed. Paths are absolute on the host.
 * Errors are Node's system errors (`code`: ENOENT, EEXIST, ENOSPC, EACCES, …).
 */
export interface Files {
  readFile(path: string): Promise<Uint8Array>;
  /** Opens for reading; the caller iterates to the end or breaks off. */
  readStream(path: string): AsyncIterable<Uint8Array>;
  /** Creates a file that does not exist (O_EXCL, never through a link), writes all, syncs if asked; returns bytes written. */
  writeNew(
    path: string,
    content: AsyncIterable<Uint8Array> | Uint8Array,
    options: { mode: number; sync: boolean },
  ): Promise<number>;
  /** Appends to a file (made with mode 0600 if absent) and syncs. */
  append(path: string, content: Uint8Array): Promise<void>;
  /**
   * Appends all pieces to a file (made with mode 0600 if absent), without a sync; returns bytes written. If the content
   * throws, what came before it stays.
   */
  appendStream(path: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  lstat(path: string): Promise<FileInfo | undefined>;
  readDirectory(path: string): Promise<string[]>;
  readLink(path: string): Promise<string>;
  makeDirectory(path: string, mode: number): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  /** Atomic on one file system; replaces a file, not a directory. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Owner of the entry itself, not of what a link points to. */
  chown(path: string, uid: number, gid: number): Promise<void>;
  /** Modification time in ms of the entry itself, not of what a link points to. */
  setModified(path: string, ms: number): Promise<void>;
  /** Makes entries of a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Makes a file's content and metadata durable. */
  syncFile(path: string): Promise<void>;
  freeSpace(path: string): Promise<{ bytes: number; inodes: number }>;
}

export interface FileInfo {
  type: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  modifiedMs: number;
  device: number;
  inode: number;
  links: number;
}
