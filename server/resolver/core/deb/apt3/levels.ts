/**
 * In what order apt 3 settles what it has put off. What was installed by hand is kept before anything is chosen, then all
 * that is needed, then versions, Recommends, and at last what is there for others.
 */
export const LEVEL = {
  manual: -2,
  manualOfSeveral: -1,
  version: 0,
  recommends: 1,
  upgradeAuto: 2,
  keepAuto: 3,
} as const;
