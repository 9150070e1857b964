import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rootOptions } from './apt-root-options.ts';
import type { AptAnswer, Mode } from './apt-samples.ts';
import type { DistributionIndex } from './distribution-index.ts';

const run = promisify(execFile);
/** The first Debian release with apt 3. */
const RELEASE = 'trixie';
const LIMIT = 1 << 26;

/** The words that run apt-get of apt 3; arguments follow. */
export type AptProgram = readonly [string, ...string[]];

/**
 * Fetches apt 3 with the libraries it needs into a directory, from the place where this machine's own apt takes its
 * packages. Null if that cannot be had, which is an error with CI=true. Nothing outside the directory changes.
 */
export async function fetchApt3(directory: string, arch: string): Promise<AptProgram | null> {
  try {
    const tree = join(directory, 'tree');
    mkdirSync(tree, { recursive: true });
    const archives = await downloadApt(join(directory, 'root'), arch);
    for (const path of archives) await run('dpkg-deb', ['--extract', path, tree]);
    return programIn(tree);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const sentence = `Left out: apt 3 of ${RELEASE} cannot be fetched (${why})`;
    if (process.env.CI === 'true') throw new Error(sentence);
    console.warn(sentence);
    return null;
  }
}

/** Downloads apt and all that it needs on an empty machine; gives the paths of the packages. */
async function downloadApt(root: string, arch: string): Promise<string[]> {
  const keys = ['-o', 'Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d'];
  const options = [...rootOptions(root, arch), ...keys];
  const list = `deb ${await mainAddress()} ${RELEASE} main\n`;
  writeFileSync(join(root, 'etc/apt/sources.list'), list);
  await run('apt-get', [...options, '-qq', '-o', 'APT::Update::Error-Mode=any', 'update']);
  const words = ['-qq', '--yes', '--download-only', 'install', 'apt'];
  await run('apt-get', [...options, ...words], { maxBuffer: LIMIT });
  const archives = join(root, 'var/cache/apt/archives');
  const names = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  return names.map((name) => join(archives, name));
}

/** Where this machine's apt takes the packages of its release from. */
async function mainAddress(): Promise<string> {
  const lines = ['Created-By: Packages', 'Component: main'];
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...lines]);
  const [address = ''] = stdout.split('\n');
  if (address === '') throw new Error("apt has no source with a component 'main'");
  return address;
}

/** Runs without being installed: by the loader of its own C library, with its own libraries. */
function programIn(tree: string): AptProgram {
  const below = (path: string, pattern: RegExp): string => {
    const found = readdirSync(join(tree, path)).find((name) => pattern.test(name));
    if (found === undefined) throw new Error(`apt 3 came without ${pattern}`);
    return join(tree, path, found);
  };
  const loader = below(process.arch === 'x64' ? 'usr/lib64' : 'usr/lib', /^ld-linux.*\.so\.\d$/);
  const libraries = below('usr/lib', /-linux-gnu\w*$/);
  return [loader, '--library-path', libraries, join(tree, 'usr/bin/apt-get')];
}

/** What apt 3 with its new solver answers to requests, on a root with nothing installed, over a flat repository. */
export async function askApt3(
  program: AptProgram,
  root: string,
  index: DistributionIndex,
  mode: Mode,
  lines: readonly string[],
): Promise<AptAnswer[]> {
  const options = rootOptions(root, index.arch);
  writeFileSync(
    join(root, 'etc/apt/sources.list'),
    `deb [trusted=yes] file:${index.directory} ./\n`,
  );
  // Lists have one form; the methods that fetch them are those of this machine.
  await run('apt-get', [...options, '-qq', 'update'], { maxBuffer: LIMIT });
  const [command, ...before] = program;
  const recommends = `APT::Install-Recommends=${mode === 'recommends'}`;
  const words = [...before, ...options, '-o', recommends, '-o', 'APT::Solver=3.0'];
  const answers: AptAnswer[] = [];
  for (const line of lines) {
    const asked = [...words, '-qq', '--print-uris', 'install', ...line.split(' ')];
    answers.push(await packagesOf(run(command, asked, { maxBuffer: LIMIT })));
  }
  return answers;
}

/** `'ADDRESS' NAME_VERSION_ARCH.deb SIZE HASH` a line; refused where it ends with status 100. */
async function packagesOf(ended: Promise<{ stdout: string }>): Promise<AptAnswer> {
  try {
    const { stdout } = await ended;
    const files = [...stdout.matchAll(/^'.*' ([^_ ]+)_([^_ ]+)_\S+\.deb \d/gm)];
    return files.map(([, name, version]) => `${name}=${decodeURIComponent(version ?? '')}`).sort();
  } catch (error) {
    if ((error as { code?: unknown }).code === 100) return null;
    throw error;
  }
}
