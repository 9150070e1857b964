import Type from 'typebox';
import { ListQuery, type NewToken, type Page, type TokenView } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';
import { Labels, labelsProblem } from '../../../proto/labels.ts';
import type { Tokens } from '../../credentials/tokens.ts';
import type { Routes } from '../app.ts';
import { requireIdentity } from '../identity.ts';
import { idCursor, limitOf, pageOf } from '../paging.ts';

const TokenRequest = Type.Object(
  {
    kind: Type.Union([Type.Literal('operator'), Type.Literal('join')]),
    description: Type.Optional(Type.String({ maxLength: 256 })),
    labels: Type.Optional(Labels),
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    /** Seconds from now; at most ten years. */
    expiresIn: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })),
  },
  { additionalProperties: false },
);
type TokenRequest = Type.Static<typeof TokenRequest>;
type Query = Type.Static<typeof ListQuery>;

const Id = Type.Object({ id: Type.String({ maxLength: 512 }) });

/** `tokens`: list, make, look at, revoke. */
export function tokenRoutes({ tokens }: { tokens: Tokens }): Routes {
  const config = { access: ['operator'] as const };
  return (app) => {
    app.get<{ Querystring: Query }>(
      '/tokens',
      { config, schema: { summary: 'Tokens, without their texts', querystring: ListQuery } },
      async ({ query }) => page(await tokens.list(), query),
    );
    app.post<{ Body: TokenRequest }>(
      '/tokens',
      { config, schema: { summary: 'Make a token; its text is shown once', body: TokenRequest } },
      async (request, reply): Promise<NewToken> => {
        const problem = labelsProblem(request.body.labels ?? {});
        if (problem) throw new JamesError('bad-labels', `Labels: ${problem}.`);
        const token = await tokens.create(request.body, requireIdentity(request).actor);
        reply.code(201).header('location', `/v1/tokens/${token.id}`);
        return token;
      },
    );
    app.get<{ Params: { id: string } }>(
      '/tokens/:id',
      { config, schema: { summary: 'One token, without its text', params: Id } },
      async ({ params }) => {
        const token = await tokens.get(params.id);
        if (!token) throw new JamesError('not-found', 'There is no token with this id.');
        return token;
      },
    );
    app.delete<{ Params: { id: string } }>(
      '/tokens/:id',
      { config, schema: { summary: 'Revoke a token', params: Id } },
      async (request, reply) => {
        await tokens.delete(request.params.id, requireIdentity(request).actor);
        return reply.code(204).send();
      },
    );
  };
}

function page(all: readonly TokenView[], query: Query): Page<TokenView> {
  const after = idCursor(query);
  const rest = all.filter(({ id }) => id > after);
  return pageOf(rest, limitOf(query), ({ id }) => id);
}
