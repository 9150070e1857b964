import { defineCommand } from '../command.ts';
import { count, labels, needs, text } from '../option.ts';
import { offerTable } from '../print/package-view.ts';

export const packageSearch = defineCommand({
  name: 'package search',
  summary: 'find packages of the sources by a part of the name',
  arguments: { text: needs('text', 'a part of the name') },
  options: {
    device: text('-d, --device <device>', 'only what this device can get', 'device'),
    labels: labels('-l, --labels <k=v,…>', 'only what a device with these labels can get'),
    limit: count('--limit <n>', 'at most so many (200)', 1),
  },
  examples: ['jamesd-ctl package search openssh', 'jamesd-ctl package search nginx -d buoy-17'],
  async run({ text: search, device, labels, limit }, context) {
    const offers = await (await context.client()).offers({ search, device, labels, limit });
    return {
      data: offers,
      view: offerTable(offers, true),
      names: [...new Set(offers.map(({ name }) => name))],
    };
  },
});
