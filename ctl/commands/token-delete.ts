import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { lines } from '../print/view.ts';

export const tokenDelete = defineCommand({
  name: 'token delete',
  summary: 'end a token; devices that joined with it stay',
  arguments: { id: needs('id', 'of the token', 'token') },
  options: {},
  examples: ['jamesd-ctl token delete 01J8Z0000000000000000000'],
  async run({ id }, context) {
    await (await context.client()).deleteToken(id);
    return {
      data: { id, deleted: true },
      view: lines(id),
      names: [id],
      notes: [`Token ${id} is deleted.`],
    };
  },
});
