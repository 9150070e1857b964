import { join } from 'node:path';
import type { Log } from '../../proto/log.ts';
import type { FileInfo, Files } from '../system/files.ts';
import { whyNotTrusted, whyNotUsed } from './core/driver-file.ts';

/** Where drivers are if nothing else is said. */
export const DRIVERS_DIRECTORY = '/usr/lib/jamesc/drivers';

export interface DriversDirectory {
  /** The names of the drivers that are used, sorted. */
  names(): Promise<string[]>;
  /** The program of a driver, or why there is none, as the end of a sentence. */
  find(name: string): Promise<{ file: string } | { why: string }>;
}

/**
 * The directory that holds the drivers, a program each. It is read each time, so that a driver counts as soon as it is
 * there. What is not used is told in the log once.
 */
export function createDriversDirectory(options: {
  files: Files;
  directory: string;
  user: { uid: number };
  log: Log;
}): DriversDirectory {
  const { files, directory, user, log } = options;
  const told = new Set<string>();

  const tell = (path: string, why: string): void => {
    if (told.has(`${path} ${why}`)) return;
    told.add(`${path} ${why}`);
    log.warn({ path, why }, `${path} is not used as a driver: ${why}.`);
  };

  const look = (path: string): Promise<FileInfo | undefined> =>
    files.lstat(path).catch(() => undefined);

  async function whyNoDirectory(): Promise<string | null> {
    const info = await look(directory);
    if (info === undefined) return `there is no directory ${directory}`;
    if (info.type !== 'directory') return `${directory} is no directory`;
    const why = whyNotTrusted(info, user);
    return why && `of its directory ${directory} holds: ${why}`;
  }

  async function find(name: string): Promise<{ file: string } | { why: string }> {
    const whole = await whyNoDirectory();
    if (whole !== null) return { why: whole };
    const file = join(directory, name);
    const info = await look(file);
    if (info === undefined) return { why: `${file} is not there` };
    const why = whyNotUsed(name, info, user);
    return why === null ? { file } : { why: `${file} is not used: ${why}` };
  }

  return {
    find,
    async names() {
      if ((await look(directory)) === undefined) return [];
      const why = await whyNoDirectory();
      if (why !== null) {
        tell(directory, why);
        return [];
      }
      const names: string[] = [];
      for (const name of (await files.readDirectory(directory)).sort()) {
        const path = join(directory, name);
        const info = await look(path);
        const whyNot = info === undefined ? null : whyNotUsed(name, info, user);
        if (whyNot !== null) tell(path, whyNot);
        else if (info !== undefined) names.push(name);
      }
      return names;
    },
  };
}
