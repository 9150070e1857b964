import type { ApplyRequest } from '../proto/document-views.ts';
import type { Context } from './command.ts';
import { readDocuments } from './documents.ts';
import { flag, texts } from './option.ts';

/** Options of the verbs that look at a whole set of documents. */
export const documentOptions = {
  file: texts(
    '-f, --file <file>',
    'YAML or JSON file, directory, or - for stdin; may be given several times',
    'file',
    true,
  ),
  prune: flag('--prune', 'documents that are not among these are deleted'),
};

export async function requestOf(
  paths: readonly string[],
  prune: boolean,
  context: Context,
): Promise<ApplyRequest> {
  const located = await readDocuments(paths, context);
  return { documents: located.map(({ document }) => document), ...(prune && { prune }) };
}
