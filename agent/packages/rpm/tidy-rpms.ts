import type { Files } from '../../system/files.ts';
import { rpmFileName } from './rpm-database.ts';

/** Removes the files of packages below a directory, but for those of what is installed: rpm cannot make them anew. */
export async function tidyRpms(
  files: Files,
  directory: string,
  installed: readonly { name: string; version: string; arch: string }[],
): Promise<void> {
  const keep = new Set(installed.map(rpmFileName));
  const visit = async (path: string): Promise<void> => {
    for (const name of await files.readDirectory(path)) {
      const below = `${path}/${name}`;
      const type = (await files.lstat(below))?.type;
      if (type === 'directory') await visit(below);
      else if (name.endsWith('.rpm') && !keep.has(name)) await files.unlink(below);
    }
  };
  if (await files.lstat(directory)) await visit(directory);
}
