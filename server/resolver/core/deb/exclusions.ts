import type { Pool } from './pool.ts';
import type { Targets } from './satisfy.ts';

/**
 * Policy 7.4: a package never conflicts with itself, nor with what packages of its own name provide. One that is
 * `Multi-Arch: same` may conflict with its own name to keep all others out.
 */
export function withoutOwn(pool: Pool, version: number, targets: Targets): Targets {
  const { view } = pool;
  const pkg = pool.packageOf(version);
  const name = pool.name(pkg);
  const isSame = view.universe(version).multiArch(view.index(version)) === 'same';
  const isSibling = (id: number): boolean => view.name(id) === name;
  return {
    own: targets.own.filter((id) => pool.packageOf(id) !== pkg && !(isSame && isSibling(id))),
    provided: targets.provided.filter((id) => !isSibling(id)),
  };
}

/** The packages of the same name in other architectures, with those of their versions that this one cannot stand beside. */
export function siblingsOutOfStep(
  pool: Pool,
  version: number,
): { sibling: number; versions: number[] }[] {
  const { view } = pool;
  const pkg = pool.packageOf(version);
  const isSame = view.universe(version).multiArch(view.index(version)) === 'same';
  return pool
    .group(pool.name(pkg))
    .filter((sibling) => sibling !== pkg)
    .map((sibling) => ({
      sibling,
      versions: pool
        .versions(sibling)
        .filter((id) => !isSame || view.version(id) !== view.version(version)),
    }));
}
