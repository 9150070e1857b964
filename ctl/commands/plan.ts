import { defineCommand } from '../command.ts';
import { documentOptions, requestOf } from '../document-options.ts';
import { impactView } from '../print/impact-view.ts';

export const plan = defineCommand({
  name: 'plan',
  summary: 'show what applying the documents would do to the fleet',
  details: 'A row for each set of labels whose devices change. Nothing is written.',
  arguments: {},
  options: documentOptions,
  examples: ['jamesd-ctl plan -f specs/'],
  async run({ file, prune }, context) {
    const request = await requestOf(file, prune, context);
    const { impact } = await (await context.client()).diff(request);
    return { data: impact, view: impactView(impact) };
  },
});
