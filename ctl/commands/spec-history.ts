import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { revisionTable } from '../print/spec-view.ts';

export const specHistory = defineCommand({
  name: 'spec history',
  summary: 'list the revisions of a spec, newest first',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: {},
  examples: ['jamesd-ctl spec history logger-spec'],
  async run({ id }, context) {
    const revisions = await (await context.client()).specRevisions(id);
    revisions.sort((a, b) => b.revision - a.revision);
    return {
      data: revisions,
      view: revisionTable(revisions, context.clock.now()),
      names: revisions.map(({ revision }) => String(revision)),
    };
  },
});
