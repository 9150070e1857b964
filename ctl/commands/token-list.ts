import { defineCommand } from '../command.ts';
import { tokenTable } from '../print/history-view.ts';

export const tokenList = defineCommand({
  name: 'token list',
  summary: 'list the tokens, without what is secret of them',
  arguments: {},
  options: {},
  examples: ['jamesd-ctl token list'],
  async run(_input, context) {
    const tokens = await (await context.client()).tokens();
    return {
      data: tokens,
      view: tokenTable(tokens, context.clock.now()),
      names: tokens.map(({ id }) => id),
    };
  },
});
