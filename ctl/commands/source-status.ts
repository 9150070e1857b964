import type { Page } from '../../proto/api.ts';
import type { SourceStatusView } from '../../proto/source-status.ts';
import { defineCommand } from '../command.ts';
import type { Http } from '../http.ts';
import { may } from '../option.ts';
import { statusTable, statusView } from '../print/source-status-view.ts';

export const sourceStatus = defineCommand({
  name: 'source status',
  summary: 'show when sources were refreshed, what they offer, and what failed',
  arguments: { id: may('source', 'its id; all if left out', 'source') },
  options: {},
  examples: ['jamesd-ctl source status', 'jamesd-ctl source status debian-bookworm'],
  async run({ id }, context) {
    const { http } = await context.client();
    const now = context.clock.now();
    if (id !== undefined) {
      const path = `/v1/sources/${encodeURIComponent(id)}/status`;
      const status = await http.json<SourceStatusView>({ path });
      return { data: status, view: statusView(status, now), names: [status.id] };
    }
    const all = await allStatuses(http);
    return { data: all, view: statusTable(all, now), names: all.map((status) => status.id) };
  },
});

async function allStatuses(http: Http): Promise<SourceStatusView[]> {
  const found: SourceStatusView[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 200, cursor };
    const page = await http.json<Page<SourceStatusView>>({ path: '/v1/source-status', query });
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}
