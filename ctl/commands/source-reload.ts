import { defineCommand } from '../command.ts';
import { followRefresh } from '../source-refresh.ts';

export const sourceReload = defineCommand({
  name: 'source reload',
  summary: 'read the configuration of sources again and download only what is missing',
  arguments: {},
  options: {},
  examples: ['jamesd-ctl source reload'],
  run: (_input, context) => followRefresh('sources/reload', {}, context),
});
