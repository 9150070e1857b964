import type { PackageRecord } from '../universe.ts';
import { namesIn } from './pool.ts';
import { parseRelations } from './relation.ts';

/** Paths that some package needs and that none lists or provides: what primary.xml leaves to filelists.xml. */
export function unownedPathsOf(records: readonly PackageRecord[]): Set<string> {
  const paths = new Set<string>();
  const seen = new Set<string>();
  for (const { relations } of records)
    for (const text of [relations.depends, relations.recommends]) {
      if (!text?.includes('/') || seen.has(text)) continue;
      seen.add(text);
      for (const name of parseRelations(text).flatMap(namesIn))
        if (name.startsWith('/')) paths.add(name);
    }
  if (paths.size === 0) return paths;
  for (const { files, relations } of records) {
    for (const path of files ?? []) paths.delete(path);
    if (!relations.provides?.includes('/')) continue;
    for (const name of parseRelations(relations.provides).flatMap(namesIn)) paths.delete(name);
  }
  return paths;
}
