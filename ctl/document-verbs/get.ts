import type { Kind } from '../../proto/document.ts';
import { type Command, defineCommand } from '../command.ts';
import type { DocumentNoun } from '../document-noun.ts';
import { needs } from '../option.ts';
import { documentText, writtenForm } from '../print/document-view.ts';

export function getVerb<K extends Kind>({ kind, noun, example }: DocumentNoun<K>): Command {
  return defineCommand({
    name: `${noun} get`,
    summary: `print a ${noun} as YAML that can be applied again`,
    details: '-o json prints also what the server knows of it: revision, time, author, message.',
    arguments: { id: needs('id', `of the ${noun}`, noun) },
    options: {},
    examples: [`jamesd-ctl ${noun} get ${example} > ${example}.yaml`],
    async run({ id }, context) {
      const view = await (await context.client()).document(kind, id);
      return {
        data: view,
        view: documentText(view),
        names: [view.id],
        documents: [writtenForm(kind, view)],
      };
    },
  });
}
