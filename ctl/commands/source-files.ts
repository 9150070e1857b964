import { defineCommand } from '../command.ts';
import { sourceFileTable } from '../print/source-view.ts';

export const sourceFiles = defineCommand({
  name: 'source files',
  summary: 'list the files of the server that are the truth for their sources',
  details:
    'The server’s configuration names them (sources.files). A file that is not right changes nothing until it is; what is wrong with it is told here.',
  arguments: {},
  options: {},
  examples: ['jamesd-ctl source files'],
  async run(_input, context) {
    const files = await (await context.client()).sourceFiles();
    return {
      data: files,
      view: sourceFileTable(files, context.clock.now()),
      names: files.map(({ file }) => file),
    };
  },
});
