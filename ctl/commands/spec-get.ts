import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { specDocument, specText } from '../print/spec-view.ts';

export const specGet = defineCommand({
  name: 'spec get',
  summary: 'print a spec as YAML that can be applied again',
  details: '-o json prints also what the server knows of it: revision, time, author, message.',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: {},
  examples: ['jamesd-ctl spec get logger-spec > logger-spec.yaml'],
  async run({ id }, context) {
    const spec = await (await context.client()).spec(id);
    return { data: spec, view: specText(spec), names: [spec.id], documents: [specDocument(spec)] };
  },
});
