import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureAptLists } from './debian.ts';

const run = promisify(execFile);
const LISTS = '/var/lib/apt/lists';
const LARGEST = 512 * 1024 ** 2;

/** The index of the distribution that this machine runs, as a flat repository. */
export interface DistributionIndex {
  /** Has a file `Packages` and nothing else. */
  directory: string;
  path: string;
  arch: string;
  /** Names of packages, each once, sorted. */
  names: string[];
}

/**
 * Copies the largest index of component `main` from apt's lists into a directory, having them fetched where root can;
 * null if this machine has none, which is an error with CI=true.
 */
export async function distributionIndex(directory: string): Promise<DistributionIndex | null> {
  const arch = (await run('dpkg', ['--print-architecture'])).stdout.trim();
  await ensureAptLists(() => largestIndex(arch) !== null);
  const source = largestIndex(arch);
  if (source === null) {
    const sentence = `Left out: ${LISTS} has no index of main for ${arch}. As root: apt-get update`;
    if (process.env.CI === 'true') throw new Error(sentence);
    console.warn(sentence);
    return null;
  }
  const { stdout } = await run('/usr/lib/apt/apt-helper', ['cat-file', source], {
    maxBuffer: LARGEST,
  });
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'Packages');
  writeFileSync(path, stdout);
  const names = new Set([...stdout.matchAll(/^Package: (\S+)$/gm)].map(([, name = '']) => name));
  return { directory, path, arch, names: [...names].sort() };
}

/** The path of the largest index of `main` for an architecture among apt's lists. */
export function largestIndex(arch: string): string | null {
  const pattern = new RegExp(`_main_binary-${arch}_Packages(\\.\\w+)?$`);
  let names: string[] = [];
  try {
    names = readdirSync(LISTS).filter((name) => pattern.test(name));
  } catch {
    return null;
  }
  const bySize = names.map((name) => join(LISTS, name)).sort((a, b) => sizeOf(b) - sizeOf(a));
  return bySize[0] ?? null;
}

const sizeOf = (path: string): number => statSync(path).size;
