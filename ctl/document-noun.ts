import type { Kind } from '../proto/document.ts';

/** A kind of document in command lines: `spec get`, `source get`. */
export interface DocumentNoun<K extends Kind = Kind> {
  kind: K;
  noun: 'spec' | 'source';
  /** The id that examples name. */
  example: string;
}

export const specNoun: DocumentNoun<'Spec'> = {
  kind: 'Spec',
  noun: 'spec',
  example: 'logger-spec',
};
export const sourceNoun: DocumentNoun<'Source'> = {
  kind: 'Source',
  noun: 'source',
  example: 'debian-bookworm',
};
