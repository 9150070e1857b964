import Type from 'typebox';
import type { ChangeOptions } from '../../documents/configuration.ts';
import type { Identity } from '../identity.ts';

/** The query of every change of the configuration. */
export const ChangeQuery = Type.Object({
  message: Type.Optional(
    Type.String({ maxLength: 4096, description: 'Why; kept in the history.' }),
  ),
  confirmRemovals: Type.Optional(
    Type.Integer({ minimum: 0, description: 'The number of removals that are meant.' }),
  ),
});
export type ChangeQuery = Type.Static<typeof ChangeQuery>;

/** Who makes the change of a request, and what was confirmed. */
export function changeOptions(
  identity: Identity | null,
  { message, confirmRemovals }: ChangeQuery,
): ChangeOptions {
  const author = identity && identity.kind !== 'device' ? identity.token : 'unknown';
  return { author, message: message ?? null, confirmRemovals };
}
