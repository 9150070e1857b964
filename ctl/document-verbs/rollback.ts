import type { Kind } from '../../proto/document.ts';
import { changeOf, changeOptions } from '../change-options.ts';
import { type Command, defineCommand } from '../command.ts';
import type { DocumentNoun } from '../document-noun.ts';
import { count, may, needs, usage, wholeNumber } from '../option.ts';
import { documentText, writtenForm } from '../print/document-view.ts';
import { lines } from '../print/view.ts';

export function rollbackVerb<K extends Kind>(
  { kind, noun, example }: DocumentNoun<K>,
  reason: string,
): Command {
  return defineCommand({
    name: `${noun} rollback`,
    summary: `return to an earlier revision of a ${noun}, as a new revision`,
    arguments: {
      id: needs('id', `of the ${noun}`, noun),
      revision: may('revision', 'to return to'),
    },
    options: { to: count('--to <revision>', 'the same', 1), ...changeOptions },
    examples: [`jamesd-ctl ${noun} rollback ${example} --to 2 -m "${reason}"`],
    async run({ id, revision, to, ...change }, context) {
      const target = to ?? (revision === undefined ? undefined : wholeNumber(revision, 1));
      if (target === undefined)
        throw usage(`Name the revision to return to: --to REVISION. ${noun} history lists them.`);
      const client = await context.client();
      const view = await client.rollbackDocument(kind, id, target, changeOf(change));
      if (view === null) return { data: { id, deleted: true }, view: lines(id), names: [id] };
      return {
        data: view,
        view: documentText(view),
        names: [view.id],
        documents: [writtenForm(kind, view)],
        notes: [`Revision ${view.revision} of ${id} is what revision ${target} was.`],
      };
    },
  });
}
