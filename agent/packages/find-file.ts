import type { Files } from '../system/files.ts';

/** The path of the first file of that name below a directory, or null; links are not followed. */
export async function findFile(
  files: Files,
  directory: string,
  name: string,
): Promise<string | null> {
  if ((await files.lstat(directory))?.type !== 'directory') return null;
  for (const entry of (await files.readDirectory(directory)).sort()) {
    const path = `${directory}/${entry}`;
    const type = (await files.lstat(path))?.type;
    if (type === 'file' && entry === name) return path;
    const below = type === 'directory' ? await findFile(files, path, name) : null;
    if (below !== null) return below;
  }
  return null;
}
