import { canonicalJson } from '../../proto/canonical-json.ts';
import type { RevisionView } from '../../proto/document-views.ts';
import { JamesError } from '../../proto/errors.ts';
import { defineCommand } from '../command.ts';
import { EXIT_DIFFERS, EXIT_DONE } from '../exit-status.ts';
import { may, needs, wholeNumber } from '../option.ts';
import { specDiff } from '../print/diff-view.ts';

export const specDiffCommand = defineCommand({
  name: 'spec diff',
  summary: 'show what changed between two revisions of a spec',
  details: 'Without revisions: the last change. With one: from it to the present one.',
  arguments: {
    id: needs('id', 'of the spec', 'spec'),
    from: may('from', 'the earlier revision'),
    to: may('to', 'the later revision'),
  },
  options: {},
  examples: ['jamesd-ctl spec diff logger-spec', 'jamesd-ctl spec diff logger-spec 2 3'],
  statuses: '3 they differ',
  async run({ id, from, to }, context) {
    const revisions = await (await context.client()).specRevisions(id);
    revisions.sort((a, b) => b.revision - a.revision);
    const after = to === undefined ? revisions[0] : revisionNamed(revisions, to, id);
    const before = from === undefined ? revisions[1] : revisionNamed(revisions, from, id);
    const [old, fresh] = [before?.document ?? null, after?.document ?? null];
    return {
      data: { id, from: before ?? null, to: after ?? null },
      view: specDiff(id, old, fresh),
      status: canonicalJson(old) === canonicalJson(fresh) ? EXIT_DONE : EXIT_DIFFERS,
    };
  },
});

function revisionNamed(
  revisions: readonly RevisionView<'Spec'>[],
  text: string,
  id: string,
): RevisionView<'Spec'> {
  const number = wholeNumber(text, 1);
  const found = revisions.find(({ revision }) => revision === number);
  if (found) return found;
  throw new JamesError(
    'not-found',
    `Spec ${id} has no revision ${number}; it has ${revisions.at(-1)?.revision ?? 0} to ${revisions[0]?.revision ?? 0}.`,
  );
}
