import { createPacker, type Packer } from '../core/packed-answer.ts';
import type { Request } from '../core/resolution.ts';
import { resolve } from '../core/resolve.ts';
import type { Universe } from '../core/universe.ts';
import { fromSnapshot } from '../core/universe-snapshot.ts';
import { createView, type View } from '../core/view.ts';
import type { SentView, SolvedAnswer, SolverReply, SolverRequest } from './messages.ts';

interface KnownView {
  view: View;
  packer: Packer;
  /** As many of the packer's texts were told. */
  told: number;
  universes: readonly number[];
}

/** What a solving thread does with messages; returns the reply, if there is one. Throws on a view that it was not told. */
export function createSolver(): (request: SolverRequest) => SolverReply | null {
  const views = new Map<number, KnownView>();
  const universes = new Map<number, Universe>();

  const load = ({ definition, universes: snapshots }: SentView): KnownView => {
    for (const [number, bytes] of snapshots)
      if (!universes.has(number)) universes.set(number, fromSnapshot(bytes));
    const sources = definition.sources.map((source) => ({
      ...source,
      universes: source.universes.flatMap((number) => universes.get(number) ?? []),
    }));
    const view = createView({ ...definition, sources });
    return { view, packer: createPacker(view), told: 0, universes: [...snapshots.keys()] };
  };

  const forget = (numbers: readonly number[]): void => {
    for (const number of numbers) views.delete(number);
    const used = new Set([...views.values()].flatMap((one) => one.universes));
    for (const number of universes.keys()) if (!used.has(number)) universes.delete(number);
  };

  return (request) => {
    if (request.kind === 'view') views.set(request.view, load(request.sent));
    if (request.kind === 'forget') forget(request.views);
    if (request.kind !== 'solve') return null;
    const known = views.get(request.view);
    if (!known) throw new Error(`the solver knows no view ${request.view}`);
    const answers = request.requests.map((one) => answer(known, one));
    const texts = known.packer.texts.slice(known.told);
    known.told += texts.length;
    return { view: request.view, answers, texts };
  };
}

function answer({ view, packer }: KnownView, request: Request): SolvedAnswer {
  try {
    const resolution = resolve(view, request);
    const packed = packer.pack(resolution);
    return packed ? { kind: 'packed', packed } : { kind: 'plain', resolution };
  } catch (error) {
    return { kind: 'failed', message: String(error) };
  }
}
