import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { lines } from '../print/view.ts';

export const sourceSecretDelete = defineCommand({
  name: 'source secret delete',
  summary: 'delete a secret; sources that name it fail from then on',
  arguments: { name: needs('name', 'of the secret', 'secret') },
  options: {},
  examples: ['jamesd-ctl source secret delete mirror'],
  async run({ name }, context) {
    await (await context.client()).deleteSecret(name);
    return { data: { name, deleted: true }, view: lines(name), names: [name] };
  },
});
