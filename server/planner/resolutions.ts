import { hash } from 'node:crypto';
import { type Answer, answerOf } from '../resolver/core/answer.ts';
import { createPacker, createUnpacker, type PackedAnswer } from '../resolver/core/packed-answer.ts';
import type { Request, Resolution } from '../resolver/core/resolution.ts';
import { resolve } from '../resolver/core/resolve.ts';
import type { Found } from '../resolver/solving/solver-thread.ts';
import type { BuiltView } from './package-views.ts';

/** Answers of the resolver by view and request. Those that were not asked for longest go first. */
export interface Resolutions {
  /** Equal questions have the same object as answer, as long as it is remembered. */
  of(view: BuiltView, request: Request): Answer;
  /** The key of a question whose answer is not remembered; null: it is. */
  open(view: BuiltView, request: Request): string | null;
  /** Remembers the answer to an open question, found elsewhere. */
  add(view: BuiltView, key: string, found: Found): void;
  /** Forgets all answers on a view, now and later. */
  forget(view: BuiltView): void;
}

/** Remembered answers hold at most this many packages together (about 13 bytes each). */
const MAX_PACKAGES = 4_000_000;
/** As much as so many packages, whatever is in an answer: its key, and what follows from it. */
const ANSWER_WEIGHT = 100;

export function createResolutions(): Resolutions {
  const requestKey = createRequestKey();
  const packingOf = createPackings();
  const known = new Map<string, Weighed>();
  const forgotten = new WeakSet<BuiltView>();
  let weight = 0;

  const keyOf = (view: BuiltView, request: Request): string => `${view.id} ${requestKey(request)}`;

  const remove = (key: string): void => {
    weight -= known.get(key)?.weight ?? 0;
    known.delete(key);
  };

  /** Puts an answer behind all others. */
  const put = (view: BuiltView, key: string, one: Weighed): void => {
    if (forgotten.has(view)) return;
    remove(key);
    known.set(key, one);
    weight += one.weight;
    for (const oldest of known.keys()) {
      if (weight <= MAX_PACKAGES) return;
      remove(oldest);
    }
  };

  return {
    of(view, request) {
      const key = keyOf(view, request);
      const found = known.get(key) ?? weighed(packingOf(view).keep(resolve(view.view, request)));
      put(view, key, found);
      return found.answer;
    },
    open(view, request) {
      const key = keyOf(view, request);
      return known.has(key) ? null : key;
    },
    add(view, key, found) {
      put(view, key, weighed(packingOf(view).take(found)));
    },
    forget(view) {
      forgotten.add(view);
      for (const key of [...known.keys()]) if (key.startsWith(`${view.id} `)) remove(key);
    },
  };
}

interface Weighed {
  answer: Answer;
  weight: number;
}

/** An answer that could not be packed has objects where others have numbers. */
const UNPACKED_FACTOR = 20;

function weighed({ answer, isPacked }: Kept): Weighed {
  const packages = answer.above.length + answer.removed.length;
  return { answer, weight: ANSWER_WEIGHT + packages * (isPacked ? 1 : UNPACKED_FACTOR) };
}

interface Kept {
  answer: Answer;
  isPacked: boolean;
}

interface Packing {
  keep(resolution: Resolution): Kept;
  take(found: Found): Kept;
}

/** Packs answers on a view, or takes those that are packed, for as long as the view is there. */
function createPackings(): (view: BuiltView) => Packing {
  const known = new WeakMap<BuiltView, Packing>();
  return (view) => {
    const packing = known.get(view) ?? createPacking(view);
    known.set(view, packing);
    return packing;
  };
}

function createPacking({ view }: BuiltView): Packing {
  const packer = createPacker(view);
  const unpacker = createUnpacker(view);
  const plain = (resolution: Resolution): Kept => ({
    answer: answerOf(resolution),
    isPacked: false,
  });
  const packed = (some: PackedAnswer, texts: readonly string[]): Kept => ({
    answer: unpacker.unpack(some, texts),
    isPacked: true,
  });
  return {
    keep(resolution) {
      const some = packer.pack(resolution);
      return some ? packed(some, packer.texts) : plain(resolution);
    },
    take: (found) =>
      found.kind === 'packed' ? packed(found.packed, found.texts) : plain(found.resolution),
  };
}

/** Gives a text that is equal exactly if two requests are; lists count in their order, which callers keep. */
export function createRequestKey(): (request: Request) => string {
  const lists = new WeakMap<object, string>();
  const digestOf = (installed: Request['installed']): string => {
    if (installed.length === 0) return '';
    const found = lists.get(installed) ?? hash('sha256', JSON.stringify(installed), 'hex');
    lists.set(installed, found);
    return found;
  };
  return ({ locked, installed, ...rest }) => {
    const versions = [...locked].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([rest, versions, digestOf(installed)]);
  };
}
