import { sourceNoun } from '../document-noun.ts';
import { historyVerb } from '../document-verbs/history.ts';

export const sourceHistory = historyVerb(sourceNoun);
