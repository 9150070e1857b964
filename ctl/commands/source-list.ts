import { defineCommand } from '../command.ts';
import { writtenForm } from '../print/document-view.ts';
import { sourceTable } from '../print/source-view.ts';

export const sourceList = defineCommand({
  name: 'source list',
  summary: 'list the sources of packages',
  details: '-o yaml prints them as documents that can be edited and applied again.',
  arguments: {},
  options: {},
  examples: ['jamesd-ctl source list', 'jamesd-ctl source list -o yaml > sources.yaml'],
  async run(_input, context) {
    const sources = await (await context.client()).documents('Source');
    sources.sort((a, b) => (a.id < b.id ? -1 : 1));
    return {
      data: sources,
      view: sourceTable(sources, context.clock.now()),
      names: sources.map(({ id }) => id),
      documents: sources.map((source) => writtenForm('Source', source)),
    };
  },
});
