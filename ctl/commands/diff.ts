import { defineCommand } from '../command.ts';
import { documentOptions, requestOf } from '../document-options.ts';
import { EXIT_DIFFERS, EXIT_DONE } from '../exit-status.ts';
import { documentDiff } from '../print/diff-view.ts';
import { impactSentence } from '../print/impact-view.ts';
import { spansOf } from '../print/text.ts';
import { lines } from '../print/view.ts';

export const diff = defineCommand({
  name: 'diff',
  summary: 'show what apply would change in the documents',
  details:
    'A unified diff, and below it, after "# ", what it means for the fleet. plan says more about that.',
  arguments: {},
  options: documentOptions,
  examples: ['jamesd-ctl diff -f specs/', 'jamesd-ctl diff -f specs/ --prune || echo differs'],
  statuses: { 3: 'they differ' },
  async run({ file, prune }, context) {
    const request = await requestOf(file, prune, context);
    const result = await (await context.client()).diff(request);
    const changed = result.results.filter(({ change }) => change !== 'unchanged');
    const summary = lines([
      { text: '# ', tone: 'dim' as const },
      ...spansOf(impactSentence(result.impact)),
    ]);
    return {
      data: result,
      view: [
        lines(
          ...changed.flatMap((one) => documentDiff(one.kind, one.id, one.before, one.after).lines),
        ),
        ...(changed.length > 0 ? [summary] : []),
      ],
      names: changed.map(({ id }) => id),
      status: changed.length > 0 ? EXIT_DIFFERS : EXIT_DONE,
      notes: changed.length > 0 ? [] : ['Nothing differs.'],
    };
  },
});
