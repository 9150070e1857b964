import { hash } from 'node:crypto';
import { type Answer, answerOf } from '../resolver/core/answer.ts';
import { createPacker, createUnpacker } from '../resolver/core/packed-answer.ts';
import type { Request, Resolution } from '../resolver/core/resolution.ts';
import { resolve } from '../resolver/core/resolve.ts';
import type { BuiltView } from './package-views.ts';

/** Answers of the resolver by view and request. Those that were not asked for longest go first. */
export interface Resolutions {
  /** Equal questions have the same object as answer, as long as it is remembered. */
  of(view: BuiltView, request: Request): Answer;
}

/** Remembered answers hold at most this many packages together (about 13 bytes each). */
const MAX_PACKAGES = 4_000_000;
/** As much as so many packages, whatever is in an answer: its key, and what follows from it. */
const ANSWER_WEIGHT = 100;

export function createResolutions(): Resolutions {
  const keyOf = createRequestKey();
  const packingOf = createPackings();
  const known = new Map<string, { answer: Answer; weight: number }>();
  let weight = 0;

  const forget = (): void => {
    for (const [key, one] of known) {
      if (weight <= MAX_PACKAGES) return;
      known.delete(key);
      weight -= one.weight;
    }
  };

  return {
    of(view, request) {
      const key = `${view.id} ${keyOf(request)}`;
      const found = known.get(key) ?? weighed(packingOf(view).keep(resolve(view.view, request)));
      if (!known.delete(key)) weight += found.weight;
      known.set(key, found);
      forget();
      return found.answer;
    },
  };
}

/** An answer that could not be packed has objects where others have numbers. */
const UNPACKED_FACTOR = 20;

function weighed({ answer, isPacked }: Kept): { answer: Answer; weight: number } {
  const packages = answer.above.length + answer.removed.length;
  return { answer, weight: ANSWER_WEIGHT + packages * (isPacked ? 1 : UNPACKED_FACTOR) };
}

interface Kept {
  answer: Answer;
  isPacked: boolean;
}

/** Packs what the resolver found on a view, for as long as the view is there. */
function createPackings(): (view: BuiltView) => { keep(resolution: Resolution): Kept } {
  const known = new WeakMap<BuiltView, { keep(resolution: Resolution): Kept }>();
  const make = ({ view }: BuiltView) => {
    const packer = createPacker(view);
    const unpacker = createUnpacker(view);
    return {
      keep(resolution: Resolution): Kept {
        const packed = packer.pack(resolution);
        if (!packed) return { answer: answerOf(resolution), isPacked: false };
        return { answer: unpacker.unpack(packed, packer.texts), isPacked: true };
      },
    };
  };
  return (view) => {
    const packing = known.get(view) ?? make(view);
    known.set(view, packing);
    return packing;
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
