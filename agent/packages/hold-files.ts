import type { InstalledPackage } from '../../proto/lock.ts';
import type { PackageReporter } from './package-driver.ts';
import type { PackageTool } from './package-tool.ts';

/** Puts the files of these packages where `fileOf` finds them. Gives a sentence for each that cannot be had. */
export async function holdFiles(
  tool: PackageTool,
  packages: readonly InstalledPackage[],
  reporter: PackageReporter,
  signal: AbortSignal,
): Promise<string[]> {
  const sentences: string[] = [];
  for (const one of packages) {
    signal.throwIfAborted();
    if ((await tool.fileOf(one)) !== null) continue;
    if (await tool.obtain(one, reporter, signal)) continue;
    sentences.push(`No file of ${one.name} ${one.version} (${one.arch}) can be had.`);
  }
  return sentences;
}
