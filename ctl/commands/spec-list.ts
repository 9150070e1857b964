import { defineCommand } from '../command.ts';
import { writtenForm } from '../print/document-view.ts';
import { specTable } from '../print/spec-view.ts';

export const specList = defineCommand({
  name: 'spec list',
  summary: 'list the specs',
  details: '-o yaml prints them as documents that can be edited and applied again.',
  arguments: {},
  options: {},
  examples: ['jamesd-ctl spec list', 'jamesd-ctl spec list -o yaml > specs.yaml'],
  async run(_input, context) {
    const specs = await (await context.client()).documents('Spec');
    specs.sort((a, b) => (a.id < b.id ? -1 : 1));
    return {
      data: specs,
      view: specTable(specs, context.clock.now()),
      names: specs.map(({ id }) => id),
      documents: specs.map((spec) => writtenForm('Spec', spec)),
    };
  },
});
