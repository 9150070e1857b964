import Type from 'typebox';
import { readDocument } from '../../../proto/document.ts';
import type { ApplyRequest } from '../../../proto/document-views.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Routes } from '../app.ts';
import { ChangeQuery, changeOptions } from './change-options.ts';

const ApplyBody = Type.Object(
  {
    documents: Type.Array(Type.Unknown(), { maxItems: 10_000, description: 'Specs and sources.' }),
    prune: Type.Optional(
      Type.Boolean({ description: 'Documents that are not in the list are deleted.' }),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'Nothing is changed.' })),
    message: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { additionalProperties: false },
);
type ApplyBody = Type.Static<typeof ApplyBody>;

const config = { access: ['operator'] } as const;

/** `/apply` and `/diff`: several documents at once, as one generation. */
export function configurationRoutes(configuration: Configuration): Routes {
  return (app) => {
    app.post<{ Body: ApplyBody; Querystring: ChangeQuery }>(
      '/apply',
      {
        config,
        schema: {
          summary: 'Puts several documents as one generation and tells what it does to the fleet',
          body: ApplyBody,
          querystring: ChangeQuery,
        },
      },
      async ({ body, query, identity }) => {
        const options = changeOptions(identity, query);
        const message = options.message ?? body.message ?? null;
        return configuration.apply(readRequest(body), { ...options, message });
      },
    );
    app.post<{ Body: ApplyBody }>(
      '/diff',
      { config, schema: { summary: 'What apply would do; nothing is changed', body: ApplyBody } },
      async ({ body, identity }) =>
        configuration.apply({ ...readRequest(body), dryRun: true }, changeOptions(identity, {})),
    );
  };
}

/** The request with its documents checked; an error says which document it is about. */
function readRequest({ documents, prune, dryRun }: ApplyBody): ApplyRequest {
  const read = documents.map((document, index) => {
    try {
      return readDocument(document);
    } catch (error) {
      if (!(error instanceof JamesError)) throw error;
      const members = { ...error.members, document: index };
      throw new JamesError(error.code, `Document ${index + 1}: ${error.message}`, { members });
    }
  });
  return { documents: read, prune: prune ?? false, dryRun: dryRun ?? false };
}
