import { compareVersions } from '../../../../proto/version.ts';
import { evrText, type Plain, rangesMeet, rangesOverlap } from './relation.ts';
import { compareEvr } from './version.ts';

/** What differs between package managers that share this solver. */
export interface Flavour {
  /** The order of versions of packages. */
  compare(a: string, b: string): number;
  /** Whether what is provided meets what is wanted, under the same name. */
  meets(provided: Plain, wanted: Plain): boolean;
}

/** A provide without a version meets every version. */
export const rpmFlavour: Flavour = { compare: compareEvr, meets: rangesMeet };

/** Debian policy 7.5: a provide without a version meets no relation with one. */
export const debFlavour: Flavour = {
  compare: compareVersions,
  meets: (provided, wanted) => {
    if (wanted.evr === null || provided.evr === null) return wanted.evr === null;
    const order = compareVersions(evrText(provided.evr), evrText(wanted.evr));
    return rangesOverlap(provided, wanted, order);
  },
};
