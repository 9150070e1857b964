import type { Pool } from './pool.ts';

/** apt's `APT::Cache-HashTableSize`. */
const BUCKETS = 196_613;

/**
 * Packages in the order in which apt goes over its cache: by the hash of their names, then as they were first mentioned.
 * Where apt treats one installed package after the other, this decides which comes first.
 */
export function inCacheOrder(pool: Pool, packages: Iterable<number>): number[] {
  const buckets = new Map<number, number>();
  for (const pkg of packages) buckets.set(pkg, bucketOf(pool.name(pkg)));
  return [...buckets.keys()].sort(
    (a, b) => (buckets.get(a) ?? 0) - (buckets.get(b) ?? 0) || pool.order(a) - pool.order(b),
  );
}

function bucketOf(name: string): number {
  let hash = 5381;
  for (let at = 0; at < name.length; at += 1)
    hash = (Math.imul(hash, 33) + name.charCodeAt(at)) >>> 0;
  return hash % BUCKETS;
}
