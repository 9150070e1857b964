import { canonicalJson } from '../../proto/canonical-json.ts';
import type { Kind } from '../../proto/document.ts';
import type { RevisionView } from '../../proto/document-views.ts';
import { JamesError } from '../../proto/errors.ts';
import { type Command, defineCommand } from '../command.ts';
import type { DocumentNoun } from '../document-noun.ts';
import { EXIT_DIFFERS, EXIT_DONE } from '../exit-status.ts';
import { may, needs, wholeNumber } from '../option.ts';
import { documentDiff } from '../print/diff-view.ts';

export function diffVerb<K extends Kind>({ kind, noun, example }: DocumentNoun<K>): Command {
  return defineCommand({
    name: `${noun} diff`,
    summary: `show what changed between two revisions of a ${noun}`,
    details: 'Without revisions: the last change. With one: from it to the present one.',
    arguments: {
      id: needs('id', `of the ${noun}`, noun),
      from: may('from', 'the earlier revision'),
      to: may('to', 'the later revision'),
    },
    options: {},
    examples: [`jamesd-ctl ${noun} diff ${example}`, `jamesd-ctl ${noun} diff ${example} 2 3`],
    statuses: { 3: 'they differ' },
    async run({ id, from, to }, context) {
      const revisions = await (await context.client()).revisions(kind, id);
      revisions.sort((a, b) => b.revision - a.revision);
      const after = to === undefined ? revisions[0] : revisionNamed(revisions, to);
      const before = from === undefined ? revisions[1] : revisionNamed(revisions, from);
      const [old, fresh] = [before?.document ?? null, after?.document ?? null];
      return {
        data: { id, from: before ?? null, to: after ?? null },
        view: documentDiff(kind as Kind, id, old, fresh),
        status: canonicalJson(old) === canonicalJson(fresh) ? EXIT_DONE : EXIT_DIFFERS,
      };
    },
  });
}

function revisionNamed<K extends Kind>(
  revisions: readonly RevisionView<K>[],
  text: string,
): RevisionView<K> {
  const number = wholeNumber(text, 1);
  const found = revisions.find(({ revision }) => revision === number);
  if (found) return found;
  const [newest] = revisions;
  throw new JamesError(
    'not-found',
    `${newest?.kind} ${newest?.id} has no revision ${number}; it has ${revisions.at(-1)?.revision ?? 0} to ${newest?.revision ?? 0}.`,
  );
}
