import { defineCommand } from '../command.ts';
import { count } from '../option.ts';
import { generationTable } from '../print/history-view.ts';

export const history = defineCommand({
  name: 'history',
  summary: 'list the generations of the whole configuration, newest first',
  arguments: {},
  options: { limit: count('--limit <n>', 'the last so many; all if left out', 1) },
  examples: ['jamesd-ctl history --limit 10'],
  async run({ limit }, context) {
    const generations = await (await context.client()).generations(limit);
    generations.sort((a, b) => b.generation - a.generation);
    return {
      data: generations,
      view: generationTable(generations, context.clock.now()),
      names: generations.map(({ generation }) => String(generation)),
    };
  },
});
