import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { documentOptions } from '../document-options.ts';
import { readDocumentsOf } from '../documents.ts';
import { any, flag, texts, usage } from '../option.ts';
import { changesTable, impactLine } from '../print/impact-view.ts';

export const sourceApply = defineCommand({
  name: 'source apply',
  summary: 'create sources or replace them, in one step',
  details:
    'signedBy names a file beside the document; its text is sent. A user and a password in an address become a secret and are shown to nobody again.',
  arguments: { files: any('file', 'YAML or JSON files, directories, or - for stdin', 'file') },
  options: {
    file: texts(documentOptions.file.flags, 'the same; may be given several times', 'file'),
    dryRun: flag('--dry-run', 'only say what would happen'),
    ...changeOptions,
  },
  examples: [
    'jamesd-ctl source apply debian.yaml -m "bookworm for Berlin"',
    'jamesd-ctl source apply -f sources/ --dry-run',
  ],
  async run({ files, file, dryRun, ...change }, context) {
    const paths = [...files, ...file];
    if (paths.length === 0) throw usage('Name a file, a directory, or - for stdin.');
    const documents = await readDocumentsOf('Source', paths, context);
    const { message, confirmRemovals } = changeOf(change);
    const result = await (await context.client()).apply(
      { documents, ...(dryRun && { dryRun }), ...(message !== undefined && { message }) },
      { confirmRemovals },
    );
    return {
      data: result,
      view: [changesTable(result), impactLine(result.impact)],
      names: result.results.map(({ id }) => id),
      notes: dryRun ? ['This was a dry run: nothing was changed.'] : [],
    };
  },
});
