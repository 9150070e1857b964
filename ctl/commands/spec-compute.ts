import { defineCommand } from '../command.ts';
import { labels, needed } from '../option.ts';
import { mergedSpecView } from '../print/spec-view.ts';

export const specCompute = defineCommand({
  name: 'spec compute',
  summary: 'show the specs that apply to these labels, merged',
  arguments: {},
  options: { labels: needed(labels('-l, --labels <k=v,…>', 'labels of a device, real or not')) },
  examples: ['jamesd-ctl spec compute -l fleet=alpha,arch=armv7l'],
  async run({ labels }, context) {
    const { spec } = await (await context.client()).compute(labels);
    return { data: spec, view: mergedSpecView(spec), names: spec?.ids ?? [] };
  },
});
