import { sourceNoun } from '../document-noun.ts';
import { deleteVerb } from '../document-verbs/delete.ts';

export const sourceDelete = deleteVerb(sourceNoun);
