import { basename } from 'node:path';

/** Kinds of paths that the agent works on. Every path is of exactly one. */
export const places = [
  'journal',
  'index',
  'manifests',
  'kept',
  'downloads',
  'packages',
  'drivers',
  'state',
  'staged',
  'saved',
  'root',
  'elsewhere',
] as const;
export type Place = (typeof places)[number];

/** What starts a process. */
export const programs = [
  'preinst',
  'postinst',
  'prerm',
  'postrm',
  'health',
  'apt-get',
  'apt-mark',
  'dpkg',
  'dnf',
  'rpm',
  'zypper',
  'driver',
  'other',
] as const;
export type Program = (typeof programs)[number];

/** The calls of the port of files. */
export const calls = [
  'readFile',
  'readStream',
  'writeNew',
  'append',
  'appendStream',
  'lstat',
  'readDirectory',
  'readLink',
  'makeDirectory',
  'symlink',
  'link',
  'rename',
  'unlink',
  'removeDirectory',
  'chmod',
  'chown',
  'setModified',
  'syncDirectory',
  'syncFile',
  'freeSpace',
] as const;
export type Call = (typeof calls)[number];

const STATE_PLACES: readonly [RegExp, Place][] = [
  [/^journal(\.|$)/, 'journal'],
  [/^installed(\.next)?\.json$/, 'index'],
  [/^installed(\/|$)/, 'manifests'],
  [/^kept(\/|$)/, 'kept'],
  [/^downloads(\/|$)/, 'downloads'],
  [/^packages(\/|$)/, 'packages'],
  [/^drivers(\/|$)/, 'drivers'],
];

/** Of which kind a path of the host is. */
export function placeOf(path: string, { root, state }: { root: string; state: string }): Place {
  if (path === state || path.startsWith(`${state}/`)) {
    const rest = path.slice(state.length + 1);
    return STATE_PLACES.find(([pattern]) => pattern.test(rest))?.[1] ?? 'state';
  }
  const below = root === '/' ? true : path === root || path.startsWith(`${root}/`);
  if (!below) return 'elsewhere';
  const name = basename(path);
  if (!name.startsWith('.jamesc-')) return 'root';
  return name.endsWith('.old') ? 'saved' : 'staged';
}

/** Of which kind a program is, by its path. */
export function programOf(file: string, args: readonly string[]): Program {
  const names = [basename(file), ...args.map((arg) => basename(arg))];
  if (file.includes('/jamesc/drivers/')) return 'driver';
  return programs.find((program) => names[0] === program || names.includes(program)) ?? 'other';
}

/** The names of all points, in the order of the port: `rename@root`, `run@postinst`, … */
export function allPoints(): string[] {
  const ofFiles = calls.flatMap((call) => places.map((place) => `${call}@${place}`));
  return [...ofFiles, ...programs.map((program) => `run@${program}`)];
}
