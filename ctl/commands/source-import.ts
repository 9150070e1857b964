import type { Bcfg2Import } from '../../proto/bcfg2/import.ts';
import type { ApplyResult } from '../../proto/document-views.ts';
import { readBcfg2 } from '../bcfg2-files.ts';
import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { flag, needs, text } from '../option.ts';
import { labelsNeededTable } from '../print/bcfg2-view.ts';
import { changesTable, impactLine } from '../print/impact-view.ts';
import { SeveralErrors } from '../several-errors.ts';
import { readKeyFile } from '../signing-key.ts';

export const sourceImport = defineCommand({
  name: 'source import',
  summary: 'copy the sources and bundles of Bcfg2, in one step',
  details:
    'Takes Packages/config.xml, Packages/sources.xml, a bundle, or a folder of them, and prints the labels that devices need. What was imported before is replaced; nothing else changes.',
  arguments: { path: needs('path', 'a file, or a folder such as /var/lib/bcfg2', 'file') },
  options: {
    dryRun: flag('--dry-run', 'only say what would happen'),
    signedBy: text('--signed-by <file>', 'public keys of sources that name none', 'file'),
    ...changeOptions,
  },
  examples: [
    'jamesd-ctl source import /var/lib/bcfg2 --dry-run',
    'jamesd-ctl source import Packages/sources.xml --signed-by archive.gpg',
  ],
  async run({ path, dryRun, signedBy, ...change }, context) {
    const key = signedBy === undefined ? undefined : await readKeyFile(signedBy, context.cwd);
    const read = readBcfg2(path, context.cwd, key);
    for (const { sentence } of read.notices) context.warn(sentence);
    if (read.errors.length > 0) throw new SeveralErrors(read.errors);
    const { message = `import of ${path}`, confirmRemovals } = changeOf(change);
    const documents = read.documents.map(({ document }) => document);
    const client = await context.client();
    const result = await client.apply(
      { documents, message, ...(dryRun && { dryRun }) },
      { confirmRemovals },
    );
    return {
      data: dataOf(result, read),
      view: [changesTable(result), impactLine(result.impact), labelsNeededTable(read.labels)],
      names: result.results.map(({ id }) => id),
      notes: dryRun ? ['This was a dry run: nothing was changed.'] : [],
    };
  },
});

function dataOf(result: ApplyResult, { labels, notices }: Bcfg2Import): object {
  return { ...result, labels, notices: notices.map(({ sentence }) => sentence) };
}
