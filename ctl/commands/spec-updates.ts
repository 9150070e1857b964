import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { updatesView } from '../print/spec-lock-view.ts';

export const specUpdates = defineCommand({
  name: 'spec updates',
  summary: 'show what a spec with manual updates would take, and what that does',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: {},
  examples: ['jamesd-ctl spec updates logger-spec'],
  statuses: { 3: 'there is an update to promote' },
  async run({ id }, context) {
    const updates = await (await context.client()).specUpdates(id);
    const proposed = updates.rows.length > 0 && updates.updates === 'manual';
    return {
      data: updates,
      view: updatesView(updates),
      names: [updates.proposed],
      notes: proposed ? [`"spec promote ${id}" takes it.`] : [],
      ...(proposed && { status: 3 as const }),
    };
  },
});
