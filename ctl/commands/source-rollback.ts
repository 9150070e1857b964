import { sourceNoun } from '../document-noun.ts';
import { rollbackVerb } from '../document-verbs/rollback.ts';

export const sourceRollback = rollbackVerb(sourceNoun, 'the mirror is back');
