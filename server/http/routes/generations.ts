import Type from 'typebox';
import { ListQuery } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { History } from '../../documents/history.ts';
import type { Routes } from '../app.ts';
import { limitOf, numberCursor, pageOf } from '../paging.ts';
import { ChangeQuery, changeOptions } from './change-options.ts';

const GenerationParams = Type.Object({ generation: Type.Integer({ minimum: 0 }) });
type GenerationParams = Type.Static<typeof GenerationParams>;
type PageQuery = Type.Static<typeof ListQuery>;

const config = { access: ['operator'] } as const;

/** `/generations`: the states of the whole configuration, and the way back to one. */
export function generationRoutes({
  history,
  configuration,
}: {
  history: History;
  configuration: Configuration;
}): Routes {
  return (app) => {
    app.get<{ Querystring: PageQuery }>(
      '/generations',
      { config, schema: { summary: 'All generations, newest first', querystring: ListQuery } },
      async ({ query }) => {
        const limit = limitOf(query);
        const page = { ...numberCursor(query), limit: limit + 1 };
        const generations = await history.generations(page);
        return pageOf(generations, limit, ({ generation }) => generation);
      },
    );
    app.get<{ Params: GenerationParams }>(
      '/generations/:generation',
      { config, schema: { summary: 'One generation', params: GenerationParams } },
      async ({ params: { generation } }) => {
        const view = await history.generation(generation);
        if (!view) throw new JamesError('not-found', `There is no generation ${generation}.`);
        return view;
      },
    );
    app.post<{ Params: GenerationParams; Querystring: ChangeQuery }>(
      '/generations/:generation/rollback',
      {
        config,
        schema: {
          summary:
            'Makes the whole configuration what it was, as a new generation; 0 is the empty one',
          params: GenerationParams,
          querystring: ChangeQuery,
        },
      },
      async ({ params, query, identity }) =>
        configuration.rollbackAll(params.generation, changeOptions(identity, query)),
    );
  };
}
