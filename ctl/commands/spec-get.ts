import { specNoun } from '../document-noun.ts';
import { getVerb } from '../document-verbs/get.ts';

export const specGet = getVerb(specNoun);
