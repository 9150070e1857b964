import type { Position } from '../errors.ts';
import type { Source } from '../source.ts';
import type { Scope } from './scope.ts';

/** A source as a file of Bcfg2 says it, before it has an id. */
export interface SourceDraft {
  scope: Scope;
  position: Position;
  source: Omit<Source, 'id' | 'target'>;
}

/** What `<Config>` says of all sources of a file. */
export interface SourceDefaults {
  resolver: boolean;
  metadata: boolean;
}
