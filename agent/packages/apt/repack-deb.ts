import { joinPath, onHost } from '../../core/device-path.ts';
import { ensureDirectory } from '../../state-file.ts';
import type { CommandResult } from '../../system/commands.ts';
import { findDebStanza, isDiverted } from '../core/deb-stanza.ts';
import type { RunTool, ToolHost } from '../tool-run.ts';

export interface RepackParts {
  host: ToolHost & { asRoot: boolean };
  run: RunTool;
  /** A directory on the host for the time of it. */
  work: string;
}

interface Wanted {
  name: string;
  version: string;
  arch: string;
}

const LONG_MS = 1_800_000;
/** What dpkg keeps of a package's control archive, beside the list of its files. */
const CONTROL_PARTS = [
  ...['preinst', 'postinst', 'prerm', 'postrm', 'config'],
  ...['templates', 'shlibs', 'symbols', 'triggers', 'md5sums'],
];

/**
 * Makes the file of an installed package anew from what is on the device, as it is there now. False if that cannot be done:
 * dpkg does not know the package so, somebody diverts its files, or there is no room.
 */
export async function repackDeb(
  { host, run, work }: RepackParts,
  wanted: Wanted,
  target: string,
): Promise<boolean> {
  const { files, root } = host;
  const dpkg = onHost(root, '/var/lib/dpkg');
  const read = async (path: string): Promise<string> =>
    (await files.lstat(path)) ? Buffer.from(await files.readFile(path)).toString('utf8') : '';
  const stanza = findDebStanza(await read(`${dpkg}/status`), wanted);
  const info = await infoName(host, dpkg, wanted);
  if (stanza === null || info === null) return false;
  const paths = (await read(`${info}.list`)).split('\n').filter((path) => path.startsWith('/'));
  if (isDiverted(await read(`${dpkg}/diversions`), wanted.name, new Set(paths))) return false;

  const sh = async (script: string, ...args: string[]): Promise<CommandResult> =>
    await run({ file: '/bin/sh', args: ['-c', script, 'repack', ...args], timeoutMs: LONG_MS });
  const tree = joinPath(work, 'tree');
  const list = joinPath(work, 'list');
  await sh('rm -rf "$1"', work);
  try {
    await ensureDirectory(files, joinPath(tree, 'DEBIAN'), 0o755);
    const names = paths.map((path) => `.${path === '/.' ? '' : path}\n`).join('');
    await files.writeNew(list, Buffer.from(names), { mode: 0o600, sync: false });
    const copied = await sh(COPY, root, list, tree);
    if (!isDone(copied)) return false;
    await writeControl(host, joinPath(tree, 'DEBIAN'), info, stanza, tree);
    const owner = host.asRoot ? [] : ['--root-owner-group'];
    const built = await run({
      file: '/usr/bin/dpkg-deb',
      args: [...owner, '-Zgzip', '-z1', '--build', tree, `${target}.new`],
      timeoutMs: LONG_MS,
    });
    if (!isDone(built)) return false;
    await files.rename(`${target}.new`, target);
    return true;
  } finally {
    await sh('rm -rf "$1" "$2"', work, `${target}.new`);
  }
}

/** Files that somebody removed are left out; everything else as it is, holes and owners included. */
const COPY =
  'set -e; cd "$1"; tar --create --sparse --no-recursion --numeric-owner --ignore-failed-read --file - --files-from "$2" | tar --extract --preserve-permissions --numeric-owner --directory "$3" --file -';

const isDone = ({ end, code }: CommandResult): boolean => end === 'exited' && code === 0;

/** dpkg names the files of packages for several architectures with theirs. */
async function infoName(
  { files }: ToolHost,
  dpkg: string,
  { name, arch }: Wanted,
): Promise<string | null> {
  for (const own of [`${name}:${arch}`, name]) {
    const path = `${dpkg}/info/${own}`;
    if (await files.lstat(`${path}.list`)) return path;
  }
  return null;
}

async function writeControl(
  { files }: ToolHost,
  directory: string,
  info: string,
  { control, conffiles }: { control: string; conffiles: readonly string[] },
  tree: string,
): Promise<void> {
  const put = (name: string, content: Uint8Array, mode: number) =>
    files.writeNew(joinPath(directory, name), content, { mode, sync: false });
  await put('control', Buffer.from(control), 0o644);
  const there: string[] = [];
  for (const path of conffiles) if (await files.lstat(`${tree}${path}`)) there.push(`${path}\n`);
  if (there.length > 0) await put('conffiles', Buffer.from(there.join('')), 0o644);
  for (const part of CONTROL_PARTS) {
    const path = `${info}.${part}`;
    const found = await files.lstat(path);
    if (found) await put(part, await files.readFile(path), found.mode & 0o755);
  }
}
