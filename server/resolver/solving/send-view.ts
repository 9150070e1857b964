import type { Universe } from '../core/universe.ts';
import { toSnapshot } from '../core/universe-snapshot.ts';
import { columnsOf } from '../core/universe-tables.ts';
import type { View } from '../core/view.ts';
import type { SentView } from './messages.ts';

/** Tells views to other threads. Universes are numbered, and their tables lie in memory that threads share. */
export function createViewSender(): (view: View) => SentView {
  const known = new WeakMap<Universe, { number: number; bytes: Uint8Array }>();
  let last = 0;
  const share = (universe: Universe) => {
    const found = known.get(universe) ?? { number: ++last, bytes: sharedSnapshot(universe) };
    known.set(universe, found);
    return found;
  };
  return ({ family, archs, sources }) => {
    const shared = sources.map((source) => source.universes.map(share));
    return {
      definition: {
        ...{ family, archs },
        sources: sources.map((source, index) => ({
          ...source,
          universes: (shared[index] ?? []).map(({ number }) => number),
        })),
      },
      universes: new Map(shared.flat().map(({ number, bytes }) => [number, bytes])),
    };
  };
}

/** The snapshot that the universe was read from, if it lies in shared memory; otherwise one that is made. */
function sharedSnapshot(universe: Universe): Uint8Array {
  const { buffer } = columnsOf(universe).texts.bytes;
  if ((buffer as ArrayBufferLike) instanceof SharedArrayBuffer) return new Uint8Array(buffer);
  const bytes = toSnapshot(universe);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
