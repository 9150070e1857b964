import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Bcfg2Import, importBcfg2 } from '../proto/bcfg2/import.ts';
import type { ReadFile } from '../proto/bcfg2/include.ts';
import { JamesError } from '../proto/errors.ts';

const MAX_BYTES = 16 * 1024 * 1024;

/** What files of Bcfg2 say: one file, a folder of them, or a whole repository (`Packages/`, `Bundler/`). */
export function readBcfg2(path: string, cwd: string, signedBy?: string): Bcfg2Import {
  const whole = resolve(cwd, path);
  const isFolder = statOf(whole, path).isDirectory();
  const folder = isFolder ? whole : dirname(whole);
  const paths = isFolder ? filesOf(folder) : [basename(whole)];
  if (paths.length === 0) throw new JamesError('not-found', `${path} has no file of Bcfg2.`);
  return importBcfg2(paths, readerOf(folder), { signedBy });
}

/** The files of a repository that name sources or packages, else all XML files of the folder. */
function filesOf(folder: string): string[] {
  const named = ['Packages/config.xml', 'Packages/sources.xml'];
  const found = [
    ...named.filter((path) => isFile(join(folder, path))),
    ...xmlFilesOf(join(folder, 'Bundler')).map((name) => `Bundler/${name}`),
  ];
  return found.length > 0 ? found : xmlFilesOf(folder);
}

function xmlFilesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.xml'))
      .sort();
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function statOf(path: string, shown: string): { isDirectory(): boolean } {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info) return info;
  throw new JamesError('not-found', `There is no file ${shown}.`);
}

/** Reads files of the folder; their paths were checked not to lead out of it. */
function readerOf(folder: string): ReadFile {
  return (path) => {
    const whole = join(folder, path);
    if (!isFile(whole)) return undefined;
    if (statSync(whole).size > MAX_BYTES)
      throw new JamesError('too-large', `${path} has more than ${MAX_BYTES} bytes.`);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(whole));
    } catch (cause) {
      throw new JamesError('bad-xml', `${path} cannot be read as UTF-8 text.`, { cause });
    }
  };
}
