import { changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { followRefresh } from '../source-refresh.ts';

export const sourceReload = defineCommand({
  name: 'source reload',
  summary: 'read the configuration of sources again and download only what is missing',
  details:
    'The files that the server’s configuration names (sources.files) are read as well; source files says how they stand.',
  arguments: {},
  options: { confirmRemovals: changeOptions.confirmRemovals },
  examples: ['jamesd-ctl source reload'],
  run: ({ confirmRemovals }, context) =>
    followRefresh(
      'sources/reload',
      { ...(confirmRemovals !== undefined && { confirmRemovals }) },
      context,
    ),
});
