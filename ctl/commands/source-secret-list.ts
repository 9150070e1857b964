import { defineCommand } from '../command.ts';
import { secretTable } from '../print/source-view.ts';

export const sourceSecretList = defineCommand({
  name: 'source secret list',
  summary: 'list the names of secrets; what they hold is never shown',
  arguments: {},
  options: {},
  examples: ['jamesd-ctl source secret list'],
  async run(_input, context) {
    const secrets = await (await context.client()).secrets();
    return {
      data: secrets,
      view: secretTable(secrets, context.clock.now()),
      names: secrets.map(({ name }) => name),
    };
  },
});
