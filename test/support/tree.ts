import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** One entry of a tree as text, so that two trees can be compared line by line. */
export type TreeListing = Record<string, string>;

export interface ListingOptions {
  /** Leave owners out: where the files were not made by root. */
  owners?: boolean;
  /** Tell the times of directories as well. */
  directoryTimes?: boolean;
}

/**
 * Everything below a directory: type, mode, owner, content, link target, modification time in whole seconds (of all but
 * directories), and which files are one (hard links). Paths are relative.
 */
export function listTree(
  root: string,
  { owners = true, directoryTimes = false }: ListingOptions = {},
): TreeListing {
  const listing: TreeListing = {};
  const firstOf = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of readdirSync(join(root, path)).sort()) {
      const below = path === '' ? name : `${path}/${name}`;
      listing[below] = describe(join(root, below), below, firstOf, { owners, directoryTimes });
      if (listing[below]?.startsWith('directory')) visit(below);
    }
  };
  visit('');
  return listing;
}

function describe(
  path: string,
  name: string,
  firstOf: Map<string, string>,
  { owners, directoryTimes }: Required<ListingOptions>,
): string {
  const info = lstatSync(path);
  const owner = owners ? ` ${info.uid}:${info.gid}` : '';
  const mode = (info.mode & 0o7777).toString(8);
  const time = Math.floor(info.mtimeMs / 1000);
  if (info.isDirectory()) return `directory ${mode}${owner}${directoryTimes ? ` @${time}` : ''}`;
  if (info.isSymbolicLink()) return `symlink${owner} -> ${readlinkSync(path)} @${time}`;
  if (!info.isFile()) return `other ${mode}${owner}`;
  const key = `${info.dev}:${info.ino}`;
  const first = info.nlink > 1 ? firstOf.get(key) : undefined;
  firstOf.set(key, first ?? name);
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  return `file ${mode}${owner} ${info.size} ${digest} @${time}${first ? ` = ${first}` : ''}`;
}

/** The lines in which two trees differ; empty if they are the same. */
export function treeDifference(have: TreeListing, want: TreeListing): string[] {
  const paths = [...new Set([...Object.keys(have), ...Object.keys(want)])].sort();
  return paths
    .filter((path) => have[path] !== want[path])
    .map((path) => `${path}: has ${have[path] ?? 'nothing'}, wanted ${want[path] ?? 'nothing'}`);
}
