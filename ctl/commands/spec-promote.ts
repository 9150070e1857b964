import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { count, needs } from '../option.ts';
import { promotedNote, updatesView } from '../print/spec-lock-view.ts';

export const specPromote = defineCommand({
  name: 'spec promote',
  summary: 'take the update of a spec that waits for it, or an earlier lock',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: {
    lock: count('--lock <n>', 'an earlier lock, in place of the proposed update', 1),
    ...changeOptions,
  },
  examples: [
    'jamesd-ctl spec promote logger-spec',
    'jamesd-ctl spec promote logger-spec --confirm-removals 12',
    'jamesd-ctl spec promote logger-spec --lock 3 -m "1.1 loses messages"',
  ],
  async run({ id, lock, ...change }, context) {
    const updates = await (await context.client()).promoteSpec(id, { ...changeOf(change), lock });
    return {
      data: updates,
      view: updatesView(updates),
      names: [updates.proposed],
      notes: [promotedNote(updates, lock)],
    };
  },
});
