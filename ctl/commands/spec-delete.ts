import { specNoun } from '../document-noun.ts';
import { deleteVerb } from '../document-verbs/delete.ts';

export const specDelete = deleteVerb(specNoun);
