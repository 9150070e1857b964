import type { RelationKind } from '../universe.ts';
import type { Relation } from './relation.ts';

/** Why a package of the sources, or an installed one, must not be in the answer. */
export type Ban =
  | 'arch'
  | 'better-arch'
  | 'blacklisted'
  | 'priority'
  | 'locked'
  | 'erased'
  | 'not-target'
  | 'replaced'
  | 'refused';

/** What a clause says. Packages are numbers of the pool, jobs places in the list of jobs. */
export type Fact =
  | { kind: 'wanted'; job: number }
  | { kind: 'best'; job: number }
  | { kind: 'stays'; id: number }
  | { kind: 'banned'; id: number; ban: Ban }
  | { kind: 'needs'; id: number; relationKind: RelationKind; relation: Relation }
  | { kind: 'supplements'; id: number; relation: Relation }
  | { kind: 'conflicts'; id: number; relation: Relation }
  | { kind: 'obsoletes'; id: number; other: number }
  | { kind: 'same-name'; id: number; other: number }
  | { kind: 'lockstep'; id: number }
  | { kind: 'split'; id: number; replaced: number };
