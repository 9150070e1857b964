import type { Selection } from './job.ts';
import type { Pool } from './pool.ts';

/** The packages of a selection that can be installed or are, ascending. */
export function select(pool: Pool, selection: Selection): number[] {
  return selected(pool, selection).filter(
    (id) => pool.isInstalled(id) || pool.archRank(id) !== null,
  );
}

function selected(pool: Pool, selection: Selection): readonly number[] {
  switch (selection.kind) {
    case 'name':
      return pool
        .named(selection.relation.name)
        .filter(
          (id) => pool.isWithin(id, selection.relation) && isOfArch(pool, id, selection.arch),
        );
    case 'provides':
      return pool.providers(selection.relation).filter((id) => isOfArch(pool, id, selection.arch));
    case 'packages':
      return selection.ids;
    case 'source':
      return pool.view.all().filter((id) => pool.view.source(id).id === selection.id);
    case 'all':
      return pool.installed;
  }
}

const isOfArch = (pool: Pool, id: number, arch: string | undefined): boolean =>
  arch === undefined || pool.arch(id) === arch;
