import type { Kind } from '../../proto/document.ts';
import { changeOf, changeOptions, ifMatchOption } from '../change-options.ts';
import { type Command, defineCommand } from '../command.ts';
import type { DocumentNoun } from '../document-noun.ts';
import { needs } from '../option.ts';
import { lines } from '../print/view.ts';

export function deleteVerb<K extends Kind>({ kind, noun, example }: DocumentNoun<K>): Command {
  return defineCommand({
    name: `${noun} delete`,
    summary: `delete a ${noun}; its revisions stay and can be returned to`,
    arguments: { id: needs('id', `of the ${noun}`, noun) },
    options: { ...ifMatchOption, ...changeOptions },
    examples: [
      `jamesd-ctl ${noun} delete ${example} -m "no longer needed"`,
      `jamesd-ctl ${noun} delete ${example} --confirm-removals 3`,
    ],
    async run({ id, ifMatch, ...change }, context) {
      const client = await context.client();
      const { revision } = await client.document(kind, id);
      await client.deleteDocument(kind, id, ifMatch ?? revision, changeOf(change));
      const back = `jamesd-ctl ${noun} rollback ${id} --to ${revision}`;
      return {
        data: { id, deleted: true },
        view: lines(id),
        names: [id],
        notes: [`${kind} ${id} is deleted. Take it back with: ${back}`],
      };
    },
  });
}
