import { JamesError } from '../../proto/errors.ts';
import type { Changes } from './changes.ts';

/** The file of the server that is the truth of a source; undefined if people change it. */
export type OwnerOf = (sourceId: string) => string | undefined;

/** Throws `conflict` if changes touch a source that a file owns, unless it is that file which makes them. */
export function refuseOwned(changes: Changes, ownerOf: OwnerOf, file: string | undefined): void {
  for (const id of changes.Source.keys()) {
    const owner = ownerOf(id);
    if (owner === undefined || owner === file) continue;
    throw new JamesError(
      'conflict',
      `Source ${id} is what ${owner} on the server says (sources.files). Change it there.`,
      { members: { source: id, file: owner } },
    );
  }
}

/** Changes without the sources that files own. */
export function withoutOwned(changes: Changes, ownerOf: OwnerOf): Changes {
  const free = [...changes.Source].filter(([id]) => ownerOf(id) === undefined);
  return { ...changes, Source: new Map(free) };
}
