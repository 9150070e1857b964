import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { ListQuery } from '../../../proto/api.ts';
import type { Clock } from '../../../proto/clock.ts';
import { JamesError } from '../../../proto/errors.ts';
import { Id } from '../../../proto/ids.ts';
import type { RefreshLine, SourceOutcome } from '../../../proto/source-status.ts';
import type { Catalogue, Reporter, SourceDocuments } from '../../sources/catalogue.ts';
import { statusView } from '../../sources/status-view.ts';
import type { Routes } from '../app.ts';
import { idCursor, limitOf, pageOf } from '../paging.ts';

export interface SourceRefreshParts {
  catalogue: Pick<Catalogue, 'refresh' | 'reload' | 'status'>;
  sources: Pick<SourceDocuments, 'all' | 'get'>;
  clock: Clock;
  /** Resolves when devices' desired states follow what was read; the result waits for it. */
  settled?: () => Promise<void>;
  /** Reads the configuration's files of sources again. */
  readFiles?: (confirmRemovals?: number) => Promise<void>;
}

const IdParams = Type.Object({ id: Id });
const RefreshQuery = Type.Object({
  allowOlder: Type.Optional(
    Type.Boolean({ description: 'Take an index though it is older than the one in use.' }),
  ),
});
const RefreshSomeQuery = Type.Object({
  ...RefreshQuery.properties,
  ids: Type.Optional(Type.String({ description: 'Ids of sources, separated by commas; or all.' })),
});
const ReloadQuery = Type.Object({
  confirmRemovals: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Removals by files of sources that are meant.' }),
  ),
});
type ReloadQuery = Type.Static<typeof ReloadQuery>;
type RefreshQuery = Type.Static<typeof RefreshSomeQuery>;
type PageQuery = Type.Static<typeof ListQuery>;

const config = { access: ['operator'] } as const;
const STREAM = 'Lines of JSON: progress as it comes ({source, line}), the last one is {result}.';
/** A line comes at least this often, so that nothing in between takes the answer for dead. */
const ALIVE_MS = 20_000;

/** Refreshing and the status of sources. */
export function sourceRefreshRoutes(parts: SourceRefreshParts): Routes {
  const { catalogue, sources, readFiles = async () => {} } = parts;
  return (app) => {
    app.post<{ Querystring: RefreshQuery }>(
      '/sources/refresh',
      {
        config,
        schema: { summary: `Refreshes sources. ${STREAM}`, querystring: RefreshSomeQuery },
      },
      async ({ query }, reply) => {
        await readFiles();
        const ids = query.ids?.split(',').filter((id) => id !== '');
        for (const id of ids ?? []) requireSource(sources, id);
        return stream(reply, parts, (reporter) => catalogue.refresh(ids, reporter, query));
      },
    );
    app.post<{ Querystring: ReloadQuery }>(
      '/sources/reload',
      {
        config,
        schema: { summary: `Fetches what sources lack. ${STREAM}`, querystring: ReloadQuery },
      },
      async ({ query }, reply) => {
        await readFiles(query.confirmRemovals);
        return stream(reply, parts, (reporter) => catalogue.reload(reporter));
      },
    );
    app.post<{ Params: { id: string }; Querystring: RefreshQuery }>(
      '/sources/:id/refresh',
      {
        config,
        schema: {
          summary: `Refreshes a source. ${STREAM}`,
          params: IdParams,
          querystring: RefreshQuery,
        },
      },
      async ({ params: { id }, query }, reply) => {
        requireSource(sources, id);
        return stream(reply, parts, (reporter) => catalogue.refresh([id], reporter, query));
      },
    );
    app.get<{ Params: { id: string } }>(
      '/sources/:id/status',
      { config, schema: { summary: 'How a source stands', params: IdParams } },
      async ({ params: { id } }) => {
        const status = catalogue.status(id);
        if (!status) throw new JamesError('not-found', `There is no source ${id}.`);
        return statusView(status);
      },
    );
    app.get<{ Querystring: PageQuery }>(
      '/source-status',
      { config, schema: { summary: 'How all sources stand, by id', querystring: ListQuery } },
      async ({ query }) => {
        const after = idCursor(query);
        const ids = [...sources.all()].map(({ id }) => id).filter((id) => id > after);
        const rest = ids.sort().flatMap((id) => catalogue.status(id) ?? []);
        const page = pageOf(rest, limitOf(query), ({ id }) => id);
        return { ...page, items: page.items.map(statusView) };
      },
    );
  };
}

function requireSource(sources: Pick<SourceDocuments, 'get'>, id: string): void {
  if (!sources.get(id)) throw new JamesError('not-found', `There is no source ${id}.`);
}

/** Answers with lines while `work` goes on. It goes on also if the client goes away. */
function stream(
  reply: FastifyReply,
  { clock, settled = async () => {} }: SourceRefreshParts,
  work: (reporter: Reporter) => Promise<SourceOutcome[]>,
): FastifyReply {
  const lines = new Readable({ read() {} });
  let cancel = (): void => {};
  const write = (line: RefreshLine): void => {
    cancel();
    cancel = clock.after(ALIVE_MS, () => write({ source: null, line: 'Still refreshing …' }));
    if (!lines.destroyed) lines.push(`${JSON.stringify(line)}\n`);
  };
  write({ source: null, line: 'Refreshing …' });
  work(write)
    .then(async (outcomes) => {
      await settled();
      const failed = outcomes.filter(({ result }) => result === 'failed').length;
      write({ result: { outcomes, failed } });
    })
    .catch((error: unknown) => lines.destroy(error as Error))
    .finally(() => {
      cancel();
      if (!lines.destroyed) lines.push(null);
    });
  return reply.type('application/x-ndjson').send(lines);
}
