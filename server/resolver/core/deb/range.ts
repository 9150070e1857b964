import { compareVersions } from '../../../../proto/version.ts';
import { parseTerms } from '../version-terms.ts';

const order = { compare: compareVersions, textFor: (version: string) => version };

/** A range of versions as specs have it, in dpkg's order. */
export function parseDebRange(text: string): (version: string) => boolean {
  return parseTerms(text, order);
}
