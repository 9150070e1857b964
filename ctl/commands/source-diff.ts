import { sourceNoun } from '../document-noun.ts';
import { diffVerb } from '../document-verbs/diff.ts';

export const sourceDiff = diffVerb(sourceNoun);
