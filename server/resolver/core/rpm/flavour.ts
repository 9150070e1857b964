import { compareVersions } from '../../../../proto/version.ts';
import { evrText, type Plain, rangesMeet } from './relation.ts';
import { compareEvr, compareForRelation, type Evr } from './version.ts';

/** What differs between package managers that share this solver. */
export interface Flavour {
  /** The order of versions of packages. */
  compare(a: string, b: string): number;
  /** Whether what is provided meets what is wanted, under the same name. */
  meets(provided: Plain, wanted: Plain): boolean;
}

/** A provide without a version meets every version. */
export const rpmFlavour: Flavour = {
  compare: compareEvr,
  meets: (provided, wanted) => rangesMeet(provided, wanted, compareForRelation),
};

/** Debian policy 7.5: a provide without a version meets no relation with one. */
export const debFlavour: Flavour = {
  compare: compareVersions,
  meets: (provided, wanted) =>
    (provided.evr !== null || wanted.evr === null) && rangesMeet(provided, wanted, compareDeb),
};

const compareDeb = (a: Evr, b: Evr): number => compareVersions(evrText(a), evrText(b));
