import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { documentOptions, requestOf } from '../document-options.ts';
import { flag } from '../option.ts';
import { changesTable, impactLine } from '../print/impact-view.ts';

export const apply = defineCommand({
  name: 'apply',
  summary: 'make the configuration what the documents say, in one step',
  details:
    'All documents become one new generation, or none does. With --prune, documents of the server that are not among them are deleted.',
  arguments: {},
  options: {
    ...documentOptions,
    dryRun: flag('--dry-run', 'only say what would happen'),
    ...changeOptions,
  },
  examples: [
    'jamesd-ctl apply -f specs/ -m "logger 1.1 everywhere"',
    'jamesd-ctl apply -f specs/ --prune --dry-run',
    'cat spec.yaml | jamesd-ctl apply -f -',
  ],
  async run({ file, prune, dryRun, ...change }, context) {
    const request = await requestOf(file, prune, context);
    const client = await context.client();
    const { message, confirmRemovals } = changeOf(change);
    const result = await client.apply(
      { ...request, ...(dryRun && { dryRun }), ...(message !== undefined && { message }) },
      { confirmRemovals },
    );
    return {
      data: result,
      view: [changesTable(result), impactLine(result.impact)],
      names: result.results.map(({ id }) => id),
      notes: dryRun
        ? ['This was a dry run: nothing was changed.']
        : [
            result.generation === null
              ? 'Nothing had to be changed.'
              : `This is generation ${result.generation}.`,
          ],
    };
  },
});
