/** Levels of soft clauses: negative ones are decided before what packages need, in this order; the others after it. */
export const levels = {
  weakJob: -6,
  update: -5,
  /** Rather an update of what is installed than a further package that provides the same. */
  successor: -4,
  keep: -3,
  split: -2,
  /** In place of `keep` where new packages come first. */
  keepLate: -0.25,
  recommends: 0,
  supplements: 1,
  /** What must hold of installed packages, where the wishes above did not settle it. */
  places: 1.5,
  orphan: 2,
} as const;
