import { parentOf } from '../../core/device-path.ts';
import { ensureDirectory, replaceFile } from '../../state-file.ts';
import type { Files } from '../../system/files.ts';

/** zypp's list of what was installed as a prerequisite: a name a line. No command changes it. */
export interface AutoInstalled {
  read(): Promise<Set<string>>;
  change(auto: readonly string[], manual: readonly string[]): Promise<void>;
}

export function createAutoInstalled(files: Files, path: string): AutoInstalled {
  const read = async (): Promise<Set<string>> => {
    if (!(await files.lstat(path))) return new Set();
    const lines = Buffer.from(await files.readFile(path))
      .toString('utf8')
      .split('\n');
    return new Set(lines.map((line) => line.trim()).filter((line) => /^[^#\s]/.test(line)));
  };
  return {
    read,
    async change(auto, manual) {
      const names = await read();
      for (const name of auto) names.add(name);
      for (const name of manual) names.delete(name);
      await ensureDirectory(files, parentOf(path), 0o755);
      const text = [...names].sort().map((name) => `${name}\n`);
      await replaceFile(files, path, Buffer.from(text.join('')), { mode: 0o644 });
    },
  };
}
