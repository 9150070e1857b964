import type { PackedAnswer } from '../core/packed-answer.ts';
import type { Request, Resolution } from '../core/resolution.ts';
import type { ViewDefinition, ViewSource } from '../core/view.ts';

/** A source whose universes are named by their numbers. */
export type SentSource = Omit<ViewSource, 'universes'> & { universes: readonly number[] };

/** A view as it is told to another thread, which shares the snapshots of its universes. */
export interface SentView {
  definition: Omit<ViewDefinition, 'sources'> & { sources: readonly SentSource[] };
  /** Snapshots by the numbers of universes. */
  universes: ReadonlyMap<number, Uint8Array>;
}

export type SolverRequest =
  /** A view that requests will name. */
  | { kind: 'view'; view: number; sent: SentView }
  /** Views that no request names any more. */
  | { kind: 'forget'; views: readonly number[] }
  | { kind: 'solve'; view: number; requests: readonly Request[] };

/** `plain`: an answer that cannot be packed. `failed`: the resolver threw. */
export type SolvedAnswer =
  | { kind: 'packed'; packed: PackedAnswer }
  | { kind: 'plain'; resolution: Resolution }
  | { kind: 'failed'; message: string };

/** Answers in the order of the requests; `texts` are those that the packer added to the view's since its last reply. */
export interface SolverReply {
  view: number;
  answers: readonly SolvedAnswer[];
  texts: readonly string[];
}
