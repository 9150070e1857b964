import { JamesError } from '../../proto/errors.ts';
import { shippedSourceTypes } from '../../proto/source.ts';
import { describe } from '../../proto/yaml.ts';
import { readBcfg2 } from '../bcfg2-files.ts';
import { type Context, defineCommand } from '../command.ts';
import { collectDocuments, type Documents, type LocatedDocument } from '../documents.ts';
import { texts } from '../option.ts';
import { good, strong } from '../print/text.ts';
import { table } from '../print/view.ts';
import { SeveralErrors } from '../several-errors.ts';

export const validate = defineCommand({
  name: 'validate',
  summary: 'check documents without a server',
  details:
    'Every document is checked, and every one that is wrong is told with file, line and column. Files of Bcfg2 (.xml) are checked by its schema; elements in another order are a warning.',
  arguments: {},
  options: {
    file: texts(
      '-f, --file <file>',
      'YAML or JSON file, directory, or - for stdin; may be given several times',
      'file',
      true,
    ),
    sourceType: texts(
      '--source-type <type>',
      'a kind of source that your server has beside those of jamesd; may be given several times',
    ),
  },
  examples: ['jamesd-ctl validate -f specs/', 'jamesd-ctl validate -f Packages/config.xml'],
  async run({ file, sourceType = [] }, context) {
    const { documents, errors } = await collectAll(file, context);
    errors.push(...unknownTypes(documents, [...shippedSourceTypes, ...sourceType]));
    if (errors.length > 0) throw new SeveralErrors(errors);
    if (documents.length === 0)
      throw new JamesError('bad-document', `There is no document in ${file.join(', ')}.`);
    const rows = documents.map(({ document, position }) => ({
      kind: document.kind,
      id: document.id,
      file: position.file ?? 'stdin',
      line: position.line,
    }));
    return {
      data: rows,
      view: table(
        [
          { title: 'KIND' },
          { title: 'ID' },
          { title: 'FILE' },
          { title: 'LINE', align: 'right' },
          { title: 'RESULT' },
        ],
        rows.map((row) => [row.kind, strong(row.id), row.file, String(row.line), good('valid')]),
        '',
      ),
      names: rows.map(({ id }) => id),
    };
  },
});

/** Sources of a kind that the server does not have. */
function unknownTypes(documents: readonly LocatedDocument[], types: readonly string[]) {
  return documents.flatMap(({ document, position }) => {
    if (document.kind !== 'Source' || types.includes(document.type)) return [];
    const sentence = `${describe(position)}: there is no kind of source "${document.type}"; there are ${types.join(', ')}. If your server has it, say so: --source-type ${document.type}.`;
    return [new JamesError('unsupported', sentence, { position })];
  });
}

/** What documents and files of Bcfg2 hold; warnings are told at once. */
async function collectAll(files: readonly string[], context: Context): Promise<Documents> {
  const others = files.filter((file) => !file.endsWith('.xml'));
  const found = await collectDocuments(others, context);
  for (const file of files.filter((name) => name.endsWith('.xml'))) {
    const { documents, errors, notices } = readBcfg2(file, context.cwd);
    for (const { sentence } of notices) context.warn(sentence);
    found.documents.push(...documents);
    found.errors.push(...errors);
  }
  return found;
}
