import { changeOf, changeOptions, ifMatchOption } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { lines } from '../print/view.ts';

export const specDelete = defineCommand({
  name: 'spec delete',
  summary: 'delete a spec; its revisions stay and can be returned to',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: { ...ifMatchOption, ...changeOptions },
  examples: [
    'jamesd-ctl spec delete logger-spec -m "no longer needed"',
    'jamesd-ctl spec delete logger-spec --confirm-removals 3',
  ],
  async run({ id, ifMatch, ...change }, context) {
    const client = await context.client();
    const { revision } = await client.spec(id);
    await client.deleteSpec(id, ifMatch ?? revision, changeOf(change));
    return {
      data: { id, deleted: true },
      view: lines(id),
      names: [id],
      notes: [
        `Spec ${id} is deleted. Take it back with: jamesd-ctl spec rollback ${id} --to ${revision}`,
      ],
    };
  },
});
