import Type from 'typebox';

/** A hold as it is told; times as of RFC 3339. */
export const HoldView = Type.Object({
  name: Type.String(),
  since: Type.String(),
  /** Null: until it is released. */
  until: Type.Union([Type.String(), Type.Null()]),
  /** It ends when the program that asked for it leaves. */
  whileThere: Type.Boolean(),
});
export type HoldView = Type.Static<typeof HoldView>;

/** What a hold may be called. */
export const HOLD_NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
