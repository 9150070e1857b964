import { specNoun } from '../document-noun.ts';
import { diffVerb } from '../document-verbs/diff.ts';

export const specDiff = diffVerb(specNoun);
