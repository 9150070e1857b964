import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { promotedNote, updatesView } from '../print/spec-lock-view.ts';

export const specPromote = defineCommand({
  name: 'spec promote',
  summary: 'take the proposed update of a spec with manual updates',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: { ...changeOptions },
  examples: ['jamesd-ctl spec promote logger-spec'],
  async run({ id, ...change }, context) {
    const updates = await (await context.client()).promoteSpec(id, changeOf(change));
    return {
      data: updates,
      view: updatesView(updates),
      names: [updates.proposed],
      notes: [promotedNote(updates)],
    };
  },
});
