import { parentOf } from '../core/device-path.ts';
import type { JournalEntry } from '../core/journal-entry.ts';
import { decodeLines, encodeLine } from '../core/journal-line.ts';
import type { Files } from '../system/files.ts';

/** What the running transaction began and ended, on disk. One transaction at a time. */
export interface Journal<Entry extends object = JournalEntry> {
  /** What is written down; a torn last line does not count. */
  read(): Promise<Entry[]>;
  /** Writes entries down; when it resolves they are durable. */
  append(...entries: Entry[]): Promise<void>;
  /** Makes durable what was written, also where an earlier try to do so failed. */
  sync(): Promise<void>;
  /** Ends the transaction: nothing is left to do. */
  clear(): Promise<void>;
}

/** The journal in one file: a line per entry, with a number and a checksum. */
export function createJournal<Entry extends object>(options: {
  files: Files;
  path: string;
  isEntry: (value: unknown) => value is Entry;
}): Journal<Entry> {
  const { files, path, isEntry } = options;
  let lines = 0;
  const directory = parentOf(path);

  /** The lines before a torn end, if there is one; nothing can be appended behind it. */
  let beforeTorn: string | null = null;

  async function rewrite(whole: string): Promise<void> {
    const draft = `${path}.next`;
    if (await files.lstat(draft)) await files.unlink(draft);
    await files.writeNew(draft, Buffer.from(whole), { mode: 0o600, sync: true });
    await files.rename(draft, path);
    await files.syncDirectory(directory);
    beforeTorn = null;
  }

  return {
    async read() {
      if (!(await files.lstat(path))) return [];
      const text = Buffer.from(await files.readFile(path)).toString('utf8');
      const entries = decodeLines(text, isEntry);
      lines = entries.length;
      const whole = textOf(0, entries);
      beforeTorn = text === whole ? null : whole;
      return entries;
    },
    async append(...entries) {
      const text = textOf(lines, entries);
      if (beforeTorn !== null) await rewrite(beforeTorn + text);
      else await files.append(path, Buffer.from(text));
      if (lines === 0) await files.syncDirectory(directory);
      lines += entries.length;
    },
    async sync() {
      if (!(await files.lstat(path))) return;
      await files.syncFile(path);
      await files.syncDirectory(directory);
    },
    async clear() {
      lines = 0;
      beforeTorn = null;
      if (!(await files.lstat(path))) return;
      await files.unlink(path);
      await files.syncDirectory(directory);
    },
  };
}

const textOf = (from: number, entries: readonly object[]): string =>
  entries.map((entry, index) => encodeLine(from + index, entry)).join('');
