import { sourceNoun } from '../document-noun.ts';
import { getVerb } from '../document-verbs/get.ts';

export const sourceGet = getVerb(sourceNoun);
