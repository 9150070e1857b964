import { readPackageBlocks } from './rpm-blocks.ts';
import { evrOf, filesOf } from './rpm-primary.ts';
import { attributeOf, startTag } from './rpm-xml.ts';

/**
 * Reads the bytes of a filelists.xml and keeps, of each package (`name version arch`), the files that are among `paths`;
 * packages without one do not occur. Throws `bad-index` as `readRpmPrimary` does.
 */
export function readRpmFilelists(
  bytes: Uint8Array,
  paths: ReadonlySet<string>,
): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  readPackageBlocks(bytes, 'filelists', (block) => {
    const files = filesOf(block).filter((path) => paths.has(path));
    if (files.length === 0) return;
    const tag = block.slice(0, block.indexOf('>'));
    const version = evrOf(startTag(block, 'version'));
    found.set(`${attributeOf(tag, 'name')} ${version} ${attributeOf(tag, 'arch')}`, files);
  });
  return found;
}
