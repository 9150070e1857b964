import type { ApplyResult } from '../../proto/document-views.ts';
import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { needs, wholeNumber } from '../option.ts';
import { changesTable, impactLine } from '../print/impact-view.ts';

export const rollback = defineCommand({
  name: 'rollback',
  summary: 'return to an earlier generation of the whole configuration, as a new one',
  arguments: { generation: needs('generation', 'to return to; history lists them') },
  options: changeOptions,
  examples: ['jamesd-ctl rollback 17 -m "back to last week"'],
  async run({ generation, ...change }, context) {
    const target = wholeNumber(generation, 0);
    const result: ApplyResult = await (await context.client()).rollback(target, changeOf(change));
    return {
      data: result,
      view: [changesTable(result), impactLine(result.impact)],
      names: result.results.map(({ id }) => id),
      notes: [
        result.generation === null
          ? 'It is like that already.'
          : `Generation ${result.generation} is what generation ${target} was.`,
      ],
    };
  },
});
