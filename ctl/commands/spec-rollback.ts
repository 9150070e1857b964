import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { count, may, needs, usage, wholeNumber } from '../option.ts';
import { specDocument, specText } from '../print/spec-view.ts';
import { lines } from '../print/view.ts';

export const specRollback = defineCommand({
  name: 'spec rollback',
  summary: 'return to an earlier revision of a spec, as a new revision',
  arguments: { id: needs('id', 'of the spec', 'spec'), revision: may('revision', 'to return to') },
  options: { to: count('--to <revision>', 'the same', 1), ...changeOptions },
  examples: ['jamesd-ctl spec rollback logger-spec --to 2 -m "1.1 loses messages"'],
  async run({ id, revision, to, ...change }, context) {
    const target = to ?? (revision === undefined ? undefined : wholeNumber(revision, 1));
    if (target === undefined)
      throw usage('Name the revision to return to: --to REVISION. spec history lists them.');
    const spec = await (await context.client()).rollbackSpec(id, target, changeOf(change));
    if (spec === null) return { data: { id, deleted: true }, view: lines(id), names: [id] };
    return {
      data: spec,
      view: specText(spec),
      names: [spec.id],
      documents: [specDocument(spec)],
      notes: [`Revision ${spec.revision} of ${id} is what revision ${target} was.`],
    };
  },
});
