import { defineCommand } from '../command.ts';
import { any, flag } from '../option.ts';
import { followRefresh } from '../source-refresh.ts';

export const sourceRefresh = defineCommand({
  name: 'source refresh',
  summary: 'download what changed of sources and read everything again',
  details:
    'Without ids: all. Each file that is downloaded is a line on stderr. A source that fails keeps what it has in use.',
  arguments: { ids: any('source', 'their ids; all if left out', 'source') },
  options: {
    allowOlder: flag('--allow-older', 'take an index though it is older than the one in use'),
  },
  examples: ['jamesd-ctl source refresh', 'jamesd-ctl source refresh debian-bookworm'],
  async run({ ids, allowOlder }, context) {
    const query = {
      ...(ids.length > 0 && { ids: ids.join(',') }),
      ...(allowOlder && { allowOlder }),
    };
    return followRefresh('sources/refresh', query, context);
  },
});
