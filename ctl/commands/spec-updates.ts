import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { updatesView } from '../print/spec-lock-view.ts';

export const specUpdates = defineCommand({
  name: 'spec updates',
  summary: 'show the update that a spec could take, and what that does',
  details:
    'A spec with updates: manual takes it when it is promoted. One that takes updates by itself has one waiting only where it would remove too much: then it is held until it is promoted.',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: {},
  examples: ['jamesd-ctl spec updates logger-spec'],
  statuses: { 3: 'there is an update to promote' },
  async run({ id }, context) {
    const updates = await (await context.client()).specUpdates(id);
    const { held, impact } = updates;
    const proposed = held !== null || (updates.rows.length > 0 && updates.updates === 'manual');
    const confirmed = held ? ` --confirm-removals ${impact.removals}` : '';
    return {
      data: updates,
      view: updatesView(updates),
      names: [updates.proposed],
      notes: proposed ? [`"spec promote ${id}${confirmed}" takes it.`] : [],
      ...(proposed && { status: 3 as const }),
    };
  },
});
