import { specNoun } from '../document-noun.ts';
import { rollbackVerb } from '../document-verbs/rollback.ts';

export const specRollback = rollbackVerb(specNoun, '1.1 loses messages');
