import { JamesError } from '../proto/errors.ts';
import type { RefreshLine, SourceOutcome } from '../proto/source-status.ts';
import type { Context } from './command.ts';
import { EXIT_DONE, EXIT_FAILED } from './exit-status.ts';
import type { Http, Request } from './http.ts';
import { refreshTable } from './print/source-status-view.ts';
import type { Result } from './result.ts';

/** Refreshes or reloads on the server: its lines go to stderr as they come, the outcomes are the result. */
export async function followRefresh(
  path: 'sources/refresh' | 'sources/reload',
  query: NonNullable<Request['query']>,
  context: Context,
): Promise<Result> {
  const { http } = await context.client();
  const outcomes = await readLines(http, { method: 'POST', path: `/v1/${path}`, query }, (line) =>
    context.warn(line),
  );
  const failed = outcomes.some(({ result }) => result === 'failed');
  return {
    data: outcomes,
    view: refreshTable(outcomes),
    names: outcomes.map(({ source }) => source),
    status: failed ? EXIT_FAILED : EXIT_DONE,
  };
}

async function readLines(
  http: Http,
  request: Request,
  say: (line: string) => void,
): Promise<SourceOutcome[]> {
  const response = await http.send(request);
  for await (const text of linesOf(response, http.server)) {
    const line = JSON.parse(text) as RefreshLine;
    if ('result' in line) return line.result.outcomes;
    if (line.source !== null) say(line.line);
  }
  throw interrupted(http.server);
}

/** The lines of an answer as they come. */
async function* linesOf({ body }: Response, server: string): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body ?? []) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines.filter((line) => line !== '');
    }
  } catch (cause) {
    throw interrupted(server, cause);
  }
}

function interrupted(server: string, cause?: unknown): JamesError {
  return new JamesError(
    'server-unreachable',
    `${server} ended its answer too soon; the refresh may go on there. See: jamesd-ctl source status`,
    { cause },
  );
}
