import type { Kind } from '../../proto/document.ts';
import type { RevisionView } from '../../proto/document-views.ts';
import { type Command, defineCommand } from '../command.ts';
import type { DocumentNoun } from '../document-noun.ts';
import { needs } from '../option.ts';
import { revisionTable } from '../print/document-view.ts';

export function historyVerb<K extends Kind>({ kind, noun, example }: DocumentNoun<K>): Command {
  return defineCommand({
    name: `${noun} history`,
    summary: `list the revisions of a ${noun}, newest first`,
    arguments: { id: needs('id', `of the ${noun}`, noun) },
    options: {},
    examples: [`jamesd-ctl ${noun} history ${example}`],
    async run({ id }, context) {
      const revisions = await (await context.client()).revisions(kind, id);
      revisions.sort((a, b) => b.revision - a.revision);
      return {
        data: revisions,
        view: revisionTable(revisions as RevisionView[], context.clock.now()),
        names: revisions.map(({ revision }) => String(revision)),
      };
    },
  });
}
