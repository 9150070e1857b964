/** A file, as the kernel's table of locks names it. */
export interface FileIdentity {
  /** `st_dev` of the file. */
  device: number;
  inode: number;
}

/**
 * The processes that hold a lock for writing on one of the files, from the text of `/proc/locks`:
 * `1: POSIX  ADVISORY  WRITE 812 08:01:393219 0 EOF`. Waiting ones (`->`) do not hold. Where a file system shows programs
 * another device number than the kernel's (overlays, subvolumes), the inode decides.
 */
export function lockHolders(text: string, identities: readonly FileIdentity[]): number[] {
  const held = text.split('\n').flatMap((line) => {
    const match =
      /^\d+:\s+(?:POSIX|FLOCK|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+)\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s/.exec(
        line,
      );
    if (!match) return [];
    const [, pid = '', major = '', minor = '', inode = ''] = match;
    return [{ pid: Number(pid), major: hex(major), minor: hex(minor), inode: Number(inode) }];
  });
  const exact = held.filter((lock) =>
    identities.some(
      ({ device, inode }) =>
        lock.inode === inode && lock.major === majorOf(device) && lock.minor === minorOf(device),
    ),
  );
  const byInode = held.filter((lock) => identities.some(({ inode }) => lock.inode === inode));
  const found = exact.length > 0 ? exact : byInode;
  return [...new Set(found.map(({ pid }) => pid).filter((pid) => pid > 0))];
}

const hex = (text: string): number => Number.parseInt(text, 16);

/** The parts of a device number as glibc packs them (makedev(3)). */
const majorOf = (device: number): number =>
  Number((BigInt(device) >> 8n) & 0xfffn) + Number((BigInt(device) >> 32n) & 0xfffff000n);
const minorOf = (device: number): number =>
  Number(BigInt(device) & 0xffn) + Number((BigInt(device) >> 12n) & 0xffffff00n);

/** A command line of `/proc/PID/cmdline` as people write it, at most 100 characters. */
export const shownCommand = (cmdline: string): string =>
  cmdline.replaceAll('\0', ' ').trim().slice(0, 100);
