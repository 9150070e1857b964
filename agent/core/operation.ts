import Type from 'typebox';

/** What a directory was or shall be. */
export const Attributes = Type.Object({
  mode: Type.Integer(),
  uid: Type.Integer(),
  gid: Type.Integer(),
  modifiedMs: Type.Union([Type.Number(), Type.Null()]),
});
export type Attributes = Type.Static<typeof Attributes>;

/**
 * A change of one path, with all that is needed to take it back or to finish it by a look at the disk. Temporary names
 * are made from the transaction's id and `n` in the directory `stage`.
 *
 * put: what was staged takes the place. drop: what is there goes. make: a directory is made. clear: a directory goes.
 */
export const Operation = Type.Object({
  n: Type.Integer(),
  step: Type.Integer(),
  kind: Type.Union([
    Type.Literal('put'),
    Type.Literal('drop'),
    Type.Literal('make'),
    Type.Literal('clear'),
  ]),
  path: Type.String(),
  stage: Type.String(),
  /** put, drop: something other than a directory was there. */
  replaces: Type.Boolean(),
  /** make: what it shall be. clear: what it was. */
  attributes: Type.Union([Attributes, Type.Null()]),
  /** clear: without it the step cannot go on; otherwise the directory stays if it is not empty. */
  must: Type.Boolean(),
});
export type Operation = Type.Static<typeof Operation>;

/** A directory that existed before and in which something changes. */
export const Touched = Type.Object({
  path: Type.String(),
  before: Attributes,
  /** What it shall be in the end; null where that is not for us to say. */
  after: Type.Union([Attributes, Type.Null()]),
  /** Whether we made it: then mode and owner are put back as well, and not only the time. */
  ours: Type.Boolean(),
});
export type Touched = Type.Static<typeof Touched>;
