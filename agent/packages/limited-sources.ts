import type { SourceFile } from '../../proto/source-files/source-file.ts';
import { ensureDirectory, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';

/**
 * Fills a directory with exactly these files, under their last names: a package manager that reads it knows no other
 * sources, and nothing else is contacted.
 */
export function limitedSources(
  files: Files,
  directory: string,
): (sources: readonly SourceFile[]) => Promise<void> {
  return async (sources) => {
    await ensureDirectory(files, directory, 0o755);
    const names = new Map(sources.map((file) => [file.path.split('/').at(-1) ?? '', file]));
    for (const name of await files.readDirectory(directory)) {
      if (!names.has(name)) await files.unlink(`${directory}/${name}`);
    }
    for (const [name, { content, mode }] of names) {
      await replaceFile(files, `${directory}/${name}`, Buffer.from(content), { mode, sync: false });
    }
  };
}
