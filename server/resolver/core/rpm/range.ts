import { parseTerms, type TermOrder } from '../version-terms.ts';
import { compareForRelation, parseEvr } from './version.ts';

const order: TermOrder = {
  compare: (version, wanted, exact) =>
    compareForRelation(parseEvr(exact ? alike(version, wanted) : version), parseEvr(wanted)),
  textFor: alike,
};

/**
 * A range of versions as specs have it, in rpm's order. A release that the term lacks does not count; nor, where one
 * version or a beginning is named, an epoch that it lacks.
 */
export function parseRpmRange(text: string): (version: string) => boolean {
  return parseTerms(text, order);
}

/** The version without its epoch where the other text has none. */
function alike(version: string, other: string): string {
  return /^[0-9]+:/.test(other) ? version : version.replace(/^[0-9]+:/, '');
}
