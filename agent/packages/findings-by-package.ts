import { keyOf } from './core/findings.ts';
import { type FileFinding, parseVerify } from './core/verify-output.ts';

export interface NamedPackage {
  name: string;
  arch: string;
}

/** So many packages are looked at by one run of the program. */
const AT_ONCE = 50;

/**
 * Verifies packages in few runs: the programs do not say to which package a file belongs, so only where a run finds
 * something its packages are looked at one by one. The result is by `keyOf`.
 */
export async function findingsByPackage(
  packages: readonly NamedPackage[],
  nameOf: (one: NamedPackage) => string,
  verify: (names: readonly string[]) => Promise<string>,
): Promise<ReadonlyMap<string, readonly FileFinding[]>> {
  const found = new Map<string, readonly FileFinding[]>();
  for (let at = 0; at < packages.length; at += AT_ONCE) {
    const some = packages.slice(at, at + AT_ONCE);
    if (parseVerify(await verify(some.map(nameOf))).length === 0) continue;
    for (const one of some) {
      const findings = parseVerify(await verify([nameOf(one)]));
      if (findings.length > 0) found.set(keyOf(one), findings);
    }
  }
  return found;
}
