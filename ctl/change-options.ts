import type { Change } from './client.ts';
import { count, text } from './option.ts';

/** Options of every verb that changes the configuration. */
export const changeOptions = {
  message: text('-m, --message <text>', 'why; kept with the revision'),
  confirmRemovals: count('--confirm-removals <n>', 'agree to exactly this number of removals'),
};

/** Of verbs that replace one document. */
export const ifMatchOption = {
  ifMatch: count('--if-match <revision>', 'only if this is its present revision', 1),
};

export function changeOf({ message, confirmRemovals }: Change): Change {
  return { message, confirmRemovals };
}
