import { type EventView, eventKinds } from '../../proto/api.ts';
import type { Client } from '../client.ts';
import { type Context, defineCommand } from '../command.ts';
import { isUnreachable } from '../http.ts';
import { choice, count, flag, text } from '../option.ts';
import { eventLine, eventTable } from '../print/history-view.ts';

const LIMIT = 50;
const INTERVAL_MS = 1000;
/** How many events of one second are looked back at while following. */
const MOST_NEW = 1000;

export const events = defineCommand({
  name: 'events',
  summary: 'list what happened, oldest first',
  arguments: {},
  options: {
    subject: text('--subject <id>', 'only about this spec, packet, device or token'),
    kind: choice('--kind <kind>', 'only of this kind', eventKinds),
    limit: count('--limit <n>', `the last so many; ${LIMIT} if left out`, 1),
    follow: flag('-f, --follow', 'go on until you end it; with -o json a line of JSON each'),
  },
  examples: [
    'jamesd-ctl events --subject buoy-17',
    'jamesd-ctl events --kind device-failed --follow -o json',
  ],
  async run({ subject, kind, limit = LIMIT, follow: goOn }, context) {
    const client = await context.client();
    const query = { subject, kind };
    const past = (await client.events({ ...query, limit })).sort((a, b) => a.seq - b.seq);
    if (goOn) {
      await follow(past, query, client, context);
      return { data: undefined, view: [] };
    }
    return { data: past, view: eventTable(past), names: past.map(({ seq }) => String(seq)) };
  },
});

async function follow(
  past: readonly EventView[],
  query: { subject: string | undefined; kind: string | undefined },
  client: Client,
  context: Context,
): Promise<void> {
  for (const event of past) context.emit(event, eventLine(event));
  let last = past.at(-1)?.seq ?? 0;
  while (!context.signal.aborted) {
    await context.clock.sleep(INTERVAL_MS, context.signal).catch(() => undefined);
    const fresh = await newerThan(last, query, client).catch((error: unknown) => {
      if (context.signal.aborted || isUnreachable(error)) return [];
      throw error;
    });
    for (const event of fresh) context.emit(event, eventLine(event));
    last = fresh.at(-1)?.seq ?? last;
  }
}

/** Asks for few first: most of the time there is nothing new. */
async function newerThan(
  last: number,
  query: { subject: string | undefined; kind: string | undefined },
  client: Client,
): Promise<EventView[]> {
  const some = await client.events({ ...query, limit: 20 });
  const isAll = some.length < 20 || some.some(({ seq }) => seq <= last);
  const found = isAll ? some : await client.events({ ...query, limit: MOST_NEW });
  return found.filter(({ seq }) => seq > last).sort((a, b) => a.seq - b.seq);
}
