import { specNoun } from '../document-noun.ts';
import { historyVerb } from '../document-verbs/history.ts';

export const specHistory = historyVerb(specNoun);
