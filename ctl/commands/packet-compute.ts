import { defineCommand } from '../command.ts';
import { labels, needed } from '../option.ts';
import { planView } from '../print/plan-view.ts';

export const packetCompute = defineCommand({
  name: 'packet compute',
  summary: 'show which packets a device with these labels would get',
  arguments: {},
  options: { labels: needed(labels('-l, --labels <k=v,…>', 'labels of a device, real or not')) },
  examples: ['jamesd-ctl packet compute -l fleet=alpha,arch=armv7l'],
  async run({ labels }, context) {
    const plan = await (await context.client()).compute(labels);
    return { data: plan, view: planView(plan), names: plan.packets.map(({ id }) => id) };
  },
});
